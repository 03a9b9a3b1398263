namespace Strata.Linux;

/// <summary>Signal numbers, equal on x86-64 and arm64.</summary>
public static class Signal
{
#pragma warning disable CS1591 // The names are the kernel's own; signal(7) describes each.
    public const int SIGHUP = 1;
    public const int SIGINT = 2;
    public const int SIGQUIT = 3;
    public const int SIGABRT = 6;
    public const int SIGKILL = 9;
    public const int SIGUSR1 = 10;
    public const int SIGSEGV = 11;
    public const int SIGUSR2 = 12;
    public const int SIGPIPE = 13;
    public const int SIGTERM = 15;
    public const int SIGCONT = 18;
    public const int SIGSTOP = 19;
#pragma warning restore CS1591

    /// <summary>The symbolic name, for example <c>SIGKILL</c>; the number for a signal outside this list.</summary>
    /// <param name="signal">A signal number.</param>
    public static string Name(int signal) => signal switch
    {
        SIGHUP => nameof(SIGHUP), SIGINT => nameof(SIGINT), SIGQUIT => nameof(SIGQUIT), 4 => "SIGILL", 5 => "SIGTRAP",
        SIGABRT => nameof(SIGABRT), 7 => "SIGBUS", 8 => "SIGFPE", SIGKILL => nameof(SIGKILL), SIGUSR1 => nameof(SIGUSR1),
        SIGSEGV => nameof(SIGSEGV), SIGUSR2 => nameof(SIGUSR2), SIGPIPE => nameof(SIGPIPE), 14 => "SIGALRM", SIGTERM => nameof(SIGTERM),
        SIGCONT => nameof(SIGCONT), SIGSTOP => nameof(SIGSTOP), 24 => "SIGXCPU", 25 => "SIGXFSZ", 31 => "SIGSYS",
        _ => signal.ToString(System.Globalization.CultureInfo.InvariantCulture),
    };
}
