namespace Strata.Supervision;

/// <summary>The visible sub-state: what exactly a service in its <see cref="ServiceState"/> is waiting for.</summary>
public enum ServicePhase
{
    /// <summary>Nothing is pending: Declared, Stopped, Quarantined or Completed.</summary>
    Resting,

    /// <summary>Starting, but a dependency is not Healthy yet.</summary>
    AwaitingDependencies,

    /// <summary>Starting; the spawn was asked for and has not been confirmed.</summary>
    Spawning,

    /// <summary>Starting; the process lives and has not announced readiness.</summary>
    AwaitingReadiness,

    /// <summary>Starting; the process of a oneshot does its work.</summary>
    Working,

    /// <summary>Healthy.</summary>
    Serving,

    /// <summary>Stopping; the process was asked to end (SIGTERM) and finishes its work.</summary>
    Draining,

    /// <summary>Stopping or Crashed; the process was killed (SIGKILL) and its exit is awaited.</summary>
    Killing,

    /// <summary>Restarting; the backoff has not elapsed.</summary>
    BackingOff,

    /// <summary>Waiting; the next time of a timer has not come.</summary>
    AwaitingTime,

    /// <summary>Listening; its process is started when somebody connects.</summary>
    AwaitingConnection,
}
