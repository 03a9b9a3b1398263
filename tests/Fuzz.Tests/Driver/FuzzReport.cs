namespace Strata.Fuzz.Tests;

/// <summary>What a run came to.</summary>
/// <param name="Executions">Inputs tried.</param>
/// <param name="Accepted">Inputs taken for good.</param>
/// <param name="Classes">Classes of outcomes seen.</param>
/// <param name="Pool">Inputs at the end that others were made from.</param>
/// <param name="Failure">The first fault; null when there is none.</param>
internal sealed record FuzzReport(long Executions, long Accepted, int Classes, int Pool, FuzzFailure? Failure);

/// <summary>An input that broke something, made as short as it could be.</summary>
/// <param name="Execution">Which input of the run it was, from 1.</param>
/// <param name="Input">The input.</param>
/// <param name="Cause">What broke.</param>
internal sealed record FuzzFailure(long Execution, byte[] Input, Exception Cause);
