namespace Strata.Fs;

/// <summary>How much one answer carries.</summary>
internal static class ReadLimits
{
    /// <summary>
    /// Most bytes of one answer: 191 pages. Base64 makes 1 043 116 characters of them, which leaves 5 460 of a 1 MiB frame for
    /// the envelope, whose largest part is a req_id of 256 bytes. A larger wish is answered short.
    /// </summary>
    internal const int MaxBytes = 191 * 4096;

    /// <summary>
    /// Most bytes that are also given as text. JSON makes at most six characters of a byte (a control character), so text and
    /// base64 together stay under 120 KiB.
    /// </summary>
    internal const int MaxTextBytes = 16 * 1024;
}
