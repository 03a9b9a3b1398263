namespace Strata.Supervision;

/// <summary>What can happen to one service: the rows of <see cref="TransitionTable"/>.</summary>
public enum ServiceEvent
{
    /// <summary>The operator, or the node at its start, wants the service up.</summary>
    Start,

    /// <summary>The operator, or the node at its shutdown, wants the service down.</summary>
    Stop,

    /// <summary>The operator wants a fresh process.</summary>
    Restart,

    /// <summary>A service has crashed whose strategy restarts this one too.</summary>
    Follow,

    /// <summary>Its manifest has changed in what a process is made with, or has changed at all while it was quarantined.</summary>
    Reload,

    /// <summary>Every hard dependency is Healthy and no soft one is still coming up.</summary>
    DependenciesReady,

    /// <summary>The process exists.</summary>
    Spawned,

    /// <summary>The process could not be created.</summary>
    SpawnFailed,

    /// <summary>The service announced readiness.</summary>
    Ready,

    /// <summary>The service showed that it is alive.</summary>
    WatchdogPing,

    /// <summary>The process ended.</summary>
    Exited,

    /// <summary>The process ended with exit code 0, and its manifest takes that for good.</summary>
    Finished,

    /// <summary>Readiness did not come in time.</summary>
    ReadyTimeout,

    /// <summary>No sign of life within the watchdog interval.</summary>
    WatchdogMissed,

    /// <summary>The process ended with exit code 0, and is started again when somebody connects.</summary>
    WentIdle,

    /// <summary>Decision before the spawn: it is started on demand, and nobody has asked for it.</summary>
    AwaitConnection,

    /// <summary>Somebody has connected to its socket.</summary>
    Connected,

    /// <summary>The time to drain is over.</summary>
    DrainElapsed,

    /// <summary>A killed process has still not gone.</summary>
    KillElapsed,

    /// <summary>The backoff is over.</summary>
    BackoffElapsed,

    /// <summary>The time of a timer has come.</summary>
    Due,

    /// <summary>A timer has ended its run, or begins or goes on to wait: its next time is looked up.</summary>
    AwaitTime,

    /// <summary>Decision once the process is gone: bring the service up again.</summary>
    Resume,

    /// <summary>Decision once the process is gone: too many crashes, quarantine.</summary>
    GiveUp,

    /// <summary>Decision once the process is gone: nobody wants it, let it rest.</summary>
    Rest,

    /// <summary>Decision during shutdown: the process survives every kill, leave it behind and say so.</summary>
    Abandon,
}
