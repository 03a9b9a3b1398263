namespace Strata.Sandbox;

/// <summary>Every bound of commands in a sandbox.</summary>
internal static class ExecLimits
{
    /// <summary>The longest command in bytes.</summary>
    internal const int MaxCommandBytes = 512 * 1024;

    /// <summary>The most bytes of arguments together.</summary>
    internal const int MaxArgumentBytes = 512 * 1024;

    /// <summary>The most bytes that a call's variables have together, names and values.</summary>
    internal const int MaxEnvironmentBytes = 32 * 1024;

    /// <summary>The most bytes of output, stdout and stderr together, in one answer or one item of a stream; as base64 they fit a frame with room to spare.</summary>
    internal const int MaxAnswerBytes = 512 * 1024;

    /// <summary>Commands of one session that run at once, in shells of their own.</summary>
    internal const int MaxRuns = 64;

    /// <summary>Commands that wait for a session's shell.</summary>
    internal const int MaxWaiting = 32;

    /// <summary>Background commands and terminals of a session, those that have ended among them as long as there is room.</summary>
    internal const int MaxJobs = 64;

    /// <summary>What is kept of the output of a background command or terminal.</summary>
    internal const int RingBytes = 1024 * 1024;

    /// <summary>Who may look at the output of one at a time.</summary>
    internal const int MaxWatchers = 16;

    /// <summary>What a session's shell may tell after a command: its exported variables above all. More are not kept for another shell.</summary>
    internal const int MaxReportBytes = 256 * 1024;

    /// <summary>How long an interrupted command has before it is killed.</summary>
    internal static readonly TimeSpan Grace = TimeSpan.FromMilliseconds(250);

    /// <summary>How long a session's shell whose command was killed has to come back, on a busy machine as well, before it is killed with its jobs.</summary>
    internal static readonly TimeSpan ShellGrace = TimeSpan.FromSeconds(1);
}
