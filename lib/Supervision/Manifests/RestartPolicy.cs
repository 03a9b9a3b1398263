namespace Strata.Supervision;

/// <summary>
/// What follows when a process ends by itself. Failure is every end but exit code 0: another code, a signal, a failed spawn,
/// readiness that does not come in time, a missed watchdog.
/// </summary>
public enum RestartPolicy
{
    /// <summary>Restart it whatever the reason; an exit with code 0 is a crash like any other. The default.</summary>
    Always,

    /// <summary>Restart it after a failure; after exit code 0 it is <see cref="ServiceState.Completed"/>.</summary>
    OnFailure,

    /// <summary>Never restart it: after exit code 0 it is <see cref="ServiceState.Completed"/>, after a failure <see cref="ServiceState.Stopped"/>.</summary>
    Never,
}
