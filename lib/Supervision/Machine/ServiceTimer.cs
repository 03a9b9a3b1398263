namespace Strata.Supervision;

/// <summary>The one deadline a service may have pending.</summary>
/// <param name="Kind">What it is for.</param>
/// <param name="Due">When it fires, by the monotonic clock.</param>
public readonly record struct ServiceTimer(TimerKind Kind, TimeSpan Due)
{
    internal ServiceEvent Event => Kind switch
    {
        TimerKind.Readiness => ServiceEvent.ReadyTimeout,
        TimerKind.Watchdog => ServiceEvent.WatchdogMissed,
        TimerKind.Drain => ServiceEvent.DrainElapsed,
        TimerKind.Kill => ServiceEvent.KillElapsed,
        TimerKind.Schedule => ServiceEvent.Due,
        _ => ServiceEvent.BackoffElapsed,
    };
}
