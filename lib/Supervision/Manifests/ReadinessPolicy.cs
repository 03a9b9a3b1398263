namespace Strata.Supervision;

/// <summary>A service says itself when it is ready (READY=1 on NOTIFY_SOCKET); nothing is guessed from files or ports.</summary>
public sealed record ReadinessPolicy
{
    /// <summary>The default timeout of the kind.</summary>
    public static ReadinessPolicy Default { get; } = new();

    /// <summary>
    /// From spawn to readiness at most: 100 ms to 10 min, default 5 s. For a oneshot, from spawn to its exit: 100 ms to 24 h,
    /// default 10 min. Null (the default) means the default of the kind. When exceeded, the process is killed: a crash.
    /// </summary>
    public TimeSpan? Timeout { get; init; }
}
