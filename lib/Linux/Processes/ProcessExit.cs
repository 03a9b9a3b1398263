namespace Strata.Linux;

/// <summary>How a process ended.</summary>
/// <param name="Code">Its exit code, 0 to 255; null when a signal ended it.</param>
/// <param name="Signal">The signal that ended it; null when it exited.</param>
/// <param name="DumpedCore">Whether it left a core dump.</param>
public readonly record struct ProcessExit(int? Code, int? Signal, bool DumpedCore)
{
    /// <summary>For people: <c>exit code 3</c> or <c>signal SIGKILL</c>.</summary>
    public override string ToString() => Signal is { } signal
        ? $"signal {Linux.Signal.Name(signal)}{(DumpedCore ? " (core dumped)" : "")}"
        : $"exit code {Code}";
}
