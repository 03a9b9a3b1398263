using Strata.Linux;
using Strata.Supervision;

namespace Strata.Supervisor;

/// <summary>What other threads tell the log's loop.</summary>
internal abstract record LogMail
{
    private LogMail()
    {
    }

    /// <summary>An instance is about to start, or runs already; its output comes from these pipes, one of which may be lost.</summary>
    internal sealed record Follow(ServiceManifest Manifest, int Incarnation, FileDescriptor? Output, FileDescriptor? Error) : LogMail;

    /// <summary>An instance has ended; what its pipes still hold is its last words.</summary>
    internal sealed record Ended(string Service, int Incarnation) : LogMail;

    /// <summary>Other bounds hold for a service.</summary>
    internal sealed record Use(string Service, LogPolicy Policy) : LogMail;

    /// <summary>A service is no longer declared and has ended.</summary>
    internal sealed record Forget(string Service) : LogMail;

    /// <summary>A line of the supervisor's own.</summary>
    internal sealed record Own(DateTimeOffset Time, byte[] Line) : LogMail;

    /// <summary>Another program goes on reading: what the pipes hold is left to it.</summary>
    internal sealed record Leave : LogMail;

    /// <summary>The node has ended.</summary>
    internal sealed record Stop : LogMail;
}
