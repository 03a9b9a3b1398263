namespace Strata.Sandbox;

/// <summary>A request of a program inside that comes to nothing.</summary>
/// <param name="kind">What it is for.</param>
/// <param name="reason">A stable code.</param>
/// <param name="message">What was wrong, and what to do; told inside.</param>
internal class NetworkFault(NetworkFaultKind kind, string reason, string message) : Exception(message)
{
    internal NetworkFaultKind Kind { get; } = kind;

    internal string Reason { get; } = reason;
}

/// <summary>Kinds of <see cref="NetworkFault"/>: what HTTP and SOCKS have answers for.</summary>
internal enum NetworkFaultKind
{
    /// <summary>It is not understood.</summary>
    Malformed,

    /// <summary>It is not allowed.</summary>
    Denied,

    /// <summary>Nobody is there.</summary>
    Unreachable,

    /// <summary>As much is going on as may.</summary>
    Busy,

    /// <summary>It took too long.</summary>
    TimedOut,
}
