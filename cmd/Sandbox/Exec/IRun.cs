namespace Strata.Sandbox;

/// <summary>A command that runs, however it was started.</summary>
internal interface IRun : IDisposable
{
    /// <summary>Its standard output.</summary>
    OutputEnd Output { get; }

    /// <summary>Its standard error.</summary>
    OutputEnd Errors { get; }

    /// <summary>Completes when it is over: what it printed is then in its outputs, and nothing more is waited for.</summary>
    Task<RunEnd> Ended { get; }

    /// <summary>Interrupts it and what it started.</summary>
    void Interrupt();

    /// <summary>Kills it and what it started; <see cref="Ended"/> completes.</summary>
    Task KillAsync();

    /// <summary>Begins it once more when it has ended without having begun at all; false when that is not so.</summary>
    Task<bool> RepeatAsync();
}

/// <summary>How a command ended.</summary>
/// <param name="ExitCode">Its exit code; null when a signal ended it.</param>
/// <param name="Signal">The signal that ended it.</param>
/// <param name="Cwd">Where the session's shell is afterwards; null for another one.</param>
/// <param name="ShellRestarted">Whether the session's shell ended.</param>
internal readonly record struct RunEnd(int? ExitCode, int? Signal, string? Cwd = null, bool ShellRestarted = false);
