namespace Strata.Supervisor;

/// <summary>A service could not be given its capabilities, and so was not started.</summary>
internal sealed class UngrantedException(string message, Exception inner) : Exception(message, inner);
