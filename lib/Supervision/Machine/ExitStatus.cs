namespace Strata.Supervision;

/// <summary>How a process ended: by its own exit code, or by a signal; neither when that is not known.</summary>
public readonly record struct ExitStatus
{
    private ExitStatus(int? code, int? signal)
    {
        Code = code;
        Signal = signal;
    }

    /// <summary>The exit code, 0 to 255; null when a signal ended the process, or it is not known.</summary>
    public int? Code { get; }

    /// <summary>The signal's number; null when the process exited by itself, or it is not known.</summary>
    public int? Signal { get; }

    /// <summary>Whether a process of the service was killed for having used up the service's memory; default false.</summary>
    public bool OutOfMemory { get; init; }

    /// <summary>The process ended, and how is not known.</summary>
    public static ExitStatus Unknown => default;

    /// <summary>The process called exit with <paramref name="code"/>.</summary>
    public static ExitStatus WithCode(int code) => new(code, null);

    /// <summary>The process was ended by signal number <paramref name="signal"/>.</summary>
    public static ExitStatus BySignal(int signal) => new(null, signal);
}
