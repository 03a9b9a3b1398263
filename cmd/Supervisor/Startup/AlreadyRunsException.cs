namespace Strata.Supervisor;

/// <summary>Another supervisor holds the runtime directory.</summary>
internal sealed class AlreadyRunsException(string message) : Exception(message);
