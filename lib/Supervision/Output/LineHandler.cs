namespace Strata.Supervision;

/// <summary>Takes one line as it was printed.</summary>
/// <param name="line">Its bytes without the end of line; valid during the call.</param>
/// <param name="cut">Whether there was more of it.</param>
public delegate void LineHandler(ReadOnlySpan<byte> line, bool cut);
