namespace Strata.Supervision;

/// <summary>What a service is for.</summary>
public enum ServiceKind
{
    /// <summary>Runs and serves until it is stopped. The default.</summary>
    Service,

    /// <summary>
    /// Does its work once and ends. Exit code 0 makes it <see cref="ServiceState.Completed"/>, which counts as Healthy for
    /// those that require it; any other end is a failure. It has no socket and no watchdog; svc.start runs it again.
    /// </summary>
    Oneshot,

    /// <summary>
    /// Does its work at times, see <see cref="TimerPolicy"/>, and is <see cref="ServiceState.Waiting"/> in between. It has no socket
    /// and no watchdog, and nobody can require it; svc.start runs it now.
    /// </summary>
    Timer,
}
