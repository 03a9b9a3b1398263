namespace Strata.Supervision;

/// <summary>How a service is known to be ready, and by when it must be; nothing is guessed from files or ports.</summary>
public sealed record ReadinessPolicy
{
    /// <summary>READY=1 on NOTIFY_SOCKET, within the default time of the kind.</summary>
    public static ReadinessPolicy Default { get; } = new();

    /// <summary>How readiness becomes known; default by notification. A oneshot is ready when it has ended, and has no other.</summary>
    public ReadinessMethod Method { get; init; } = ReadinessMethod.Notify;

    /// <summary>
    /// From spawn to readiness at most: 100 ms to 10 min, default 5 s. For a oneshot, from spawn to its exit: 100 ms to 24 h,
    /// default 10 min. Null (the default) means the default of the kind. When exceeded, the process is killed: a crash.
    /// </summary>
    public TimeSpan? Timeout { get; init; }
}
