namespace Strata.Supervision;

/// <summary>What a service's one pending deadline is for.</summary>
public enum TimerKind
{
    /// <summary>Starting: readiness must be announced.</summary>
    Readiness,

    /// <summary>Healthy: a sign of life is due.</summary>
    Watchdog,

    /// <summary>Stopping: the process must be gone, or it is killed.</summary>
    Drain,

    /// <summary>Stopping or Crashed: a killed process must be gone, or it is killed again.</summary>
    Kill,

    /// <summary>Restarting: the next attempt.</summary>
    Backoff,

    /// <summary>Waiting: the next time of a timer, or of a look at the clock before that.</summary>
    Schedule,
}
