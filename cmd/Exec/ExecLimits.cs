using Strata.Supervision;

namespace Strata.Exec;

/// <summary>Every bound of a service of programs.</summary>
internal static class ExecLimits
{
    internal const int MaxFileBytes = 64 * 1024;
    internal const int MaxMethods = 64;
    internal const int MaxArguments = 64;
    internal const int MaxArgumentChars = 4096;
    internal const int MaxSummaryChars = 256;
    internal const int MaxDeclaredDepth = 12;

    /// <summary>What a program may print as its result. Leaves room for the frame around it.</summary>
    internal const int MaxOutputBytes = 512 * 1024;

    /// <summary>What of its errors is kept for the log; the rest is counted.</summary>
    internal const int MaxErrorBytes = 16 * 1024;

    /// <summary>Deepest nesting in a result.</summary>
    internal const int MaxResultDepth = 32;

    /// <summary>Longest sentence that is passed from a program to its caller.</summary>
    internal const int MaxReasonChars = 512;

    /// <summary>Longest value that is passed in a variable as well; the kernel takes no more than twice that.</summary>
    internal const int MaxVariableBytes = 64 * 1024;

    /// <summary>Programs at once.</summary>
    internal const int MaxConcurrency = 64;
    internal const int DefaultConcurrency = 8;

    /// <summary>Calls that may wait for a place.</summary>
    internal const int MaxWaiting = 64;

    /// <summary>How long a killed program may take to go before the call is answered without it.</summary>
    internal static readonly TimeSpan KillPatience = TimeSpan.FromSeconds(2);

    internal static readonly TimeSpan DefaultTimeout = TimeSpan.FromSeconds(10);

    internal static readonly ValueRange<TimeSpan> Timeout = new(TimeSpan.FromMilliseconds(10), TimeSpan.FromMinutes(10));
}
