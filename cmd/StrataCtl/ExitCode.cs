namespace Strata.StrataCtl;

/// <summary>The exit codes, as <c>docs/strata-ctl.md</c> documents them.</summary>
internal static class ExitCode
{
    public const int Ok = 0;

    /// <summary>The service answered with an error, or the answer to the question asked is no.</summary>
    public const int Refused = 1;

    /// <summary>The command line is wrong.</summary>
    public const int Usage = 2;

    /// <summary>The service cannot be reached, or did not answer in time.</summary>
    public const int Unreachable = 3;

    /// <summary>A program that should run in a sandbox may not be executed there, as shells have it.</summary>
    public const int NotExecutable = 126;

    /// <summary>There is no such program in the sandbox, as shells have it.</summary>
    public const int NoProgram = 127;

    /// <summary>Ended by SIGINT or SIGTERM: 128 + 2.</summary>
    public const int Interrupted = 130;

    /// <summary>The reader of standard output went away: 128 + SIGPIPE, as of a program that the signal ends.</summary>
    public const int BrokenPipe = 141;
}
