using System.Collections.Immutable;

namespace Strata.Supervision;

/// <summary>A service's status as its record and the verdict on its process make it.</summary>
internal static class RestoredStatus
{
    /// <summary>What a start that was under way still gets, however long nobody watched it.</summary>
    internal static readonly TimeSpan Grace = TimeSpan.FromSeconds(1);

    private const string Adopted = "; adopted from an earlier supervisor";

    internal static ServiceStatus Of(ServiceStatus declared, KeptService kept, Inheritance? found, NodeEvent.TakeOver taken, NodeTime now)
    {
        var service = Remember(declared, kept, taken.Kept!, taken.SameBoot, now);
        if (found is { Verdict: TakeoverVerdict.HoldDown })
        {
            return service with { State = ServiceState.Stopped, Because = found.Reason, Since = now };
        }

        if (!taken.SameBoot || taken.Kept!.ChildrenEnd || taken.Kept.ShuttingDown)
        {
            service = AtRestOrAnew(service, kept, taken.SameBoot, now);
            return found is { Verdict: TakeoverVerdict.Adopt or TakeoverVerdict.Replace }
                ? Ending(service, kept, found, "ends with the supervisor that started it", now) with { Wanted = service.State == ServiceState.Declared }
                : service;
        }

        return kept.Present is null ? WithoutProcess(service, kept, now)
            : found is { Verdict: TakeoverVerdict.Replace } ? Ending(service, kept, found, found.Reason, now)
            : WithProcess(service, kept, found, now);
    }

    private static ServiceStatus Remember(ServiceStatus declared, KeptService kept, KeptNode node, bool sameBoot, NodeTime now) => declared with
    {
        Incarnation = kept.Incarnation,
        StoppedByOperator = kept.StoppedByOperator && !node.ShuttingDown,
        ConsecutiveCrashes = kept.ConsecutiveCrashes,
        // The clock of another boot says nothing here; a quarantine still has as many crashes behind it.
        RecentCrashes = sameBoot ? [.. kept.RecentCrashes.Where(at => at <= now.Monotonic).TakeLast(declared.Manifest.Quarantine.Crashes)]
            : kept.State == ServiceState.Quarantined ? [.. Enumerable.Repeat(now.Monotonic, declared.Manifest.Quarantine.Crashes)]
            : [],
        // Nothing is pending, but what runs is one of its runs, or was brought down like one.
        Schedule = kept.Kind == ServiceKind.Timer && declared.Manifest.Kind == ServiceKind.Timer ? new TimerSchedule() : null,
        LastCrash = sameBoot ? kept.LastCrash : kept.LastCrash is { } crash ? crash with { At = crash.At with { Monotonic = now.Monotonic } } : null,
    };

    // After a shutdown that was cut short, a reboot, or the end of everything with its supervisor: a new start, but for what is down for a reason.
    private static ServiceStatus AtRestOrAnew(ServiceStatus service, KeptService kept, bool sameBoot, NodeTime now)
    {
        // An operator's stop that was under way is as good as one that had ended.
        var stopped = service.StoppedByOperator && !kept.Wanted;
        return stopped || kept.State == ServiceState.Quarantined
            ? service with { State = stopped ? ServiceState.Stopped : kept.State, Because = kept.Because, Since = sameBoot ? kept.Since : now }
            : service with { RecentCrashes = [], ConsecutiveCrashes = 0, StoppedByOperator = false };
    }

    private static ServiceStatus WithoutProcess(ServiceStatus service, KeptService kept, NodeTime now)
    {
        var same = service with { State = kept.State, Because = kept.Because, Since = kept.Since, Wanted = kept.Wanted, Listed = kept.Listed };
        return kept.State switch
        {
            ServiceState.Restarting => same with { Timer = new ServiceTimer(TimerKind.Backoff, Earliest(kept.Timer?.Due, now.Monotonic + service.Manifest.Backoff.Max)) },
            // Its socket is watched anew; what it crashed before still counts.
            ServiceState.Listening => same with { State = ServiceState.Starting },
            ServiceState.Starting or ServiceState.Declared or ServiceState.Stopped or ServiceState.Quarantined => same,
            // A manifest that has become a service's since must not count as done.
            ServiceState.Completed when kept.Kind == service.Manifest.Kind => same,
            _ => service,
        };
    }

    private static ServiceStatus WithProcess(ServiceStatus service, KeptService kept, Inheritance? found, NodeTime now)
    {
        // Asked for, and dead before it began: not its own fault while it starts, and as good as ended while it stops.
        if (kept.State == ServiceState.Starting && found is null)
        {
            return service with { State = ServiceState.Starting, Because = kept.Because, Since = kept.Since, Wanted = true, Listed = kept.Listed };
        }

        var same = service with
        {
            State = kept.State,
            Because = found is { Verdict: TakeoverVerdict.Adopt } && !kept.Because.EndsWith(Adopted, StringComparison.Ordinal) ? kept.Because + Adopted : kept.Because,
            Since = kept.Since,
            Process = new ServiceProcess(kept.Present!.Value, found?.Pid is > 0 and var pid ? pid : null),
            Wanted = kept.Wanted,
            Listed = kept.Listed,
            HealthySince = kept.HealthySince,
        };
        var manifest = service.Manifest;
        var at = now.Monotonic;
        return kept.State switch
        {
            _ when kept.Kind != manifest.Kind && kept.State is ServiceState.Starting or ServiceState.Healthy =>
                Ending(service, kept, found ?? new Inheritance(TakeoverVerdict.Gone), "its manifest has another kind now", now),
            ServiceState.Starting => same with { Timer = Timer(TimerKind.Readiness, kept, at + Grace, at + Later(manifest.ReadyTimeout, Grace)) },
            ServiceState.Healthy => same with { Timer = manifest.Watchdog is { } watchdog ? new ServiceTimer(TimerKind.Watchdog, at + watchdog.Interval) : null },
            ServiceState.Stopping when kept.Timer is not { Kind: TimerKind.Kill } => same with { Timer = Timer(TimerKind.Drain, kept, at, at + ManifestLimits.MaxDrain) },
            ServiceState.Stopping or ServiceState.Crashed => same with
            {
                KillAttempts = Math.Clamp(kept.KillAttempts, 1, NodeMachine.MaxKillAttempts), Timer = new ServiceTimer(TimerKind.Kill, at + ServiceActions.KillRetry),
            },
            _ => service,
        };
    }

    /// <summary>A process that must go, to be followed by a new one if the service is wanted.</summary>
    private static ServiceStatus Ending(ServiceStatus service, KeptService kept, Inheritance found, string because, NodeTime now) => service with
    {
        State = ServiceState.Stopping,
        Because = because,
        Since = now,
        Process = new ServiceProcess(kept.Present ?? kept.Incarnation, found.Pid > 0 ? found.Pid : null),
        Wanted = kept.Wanted,
        Listed = kept.Listed && service.Manifest.Kind == ServiceKind.Service,
        Timer = new ServiceTimer(TimerKind.Drain, now.Monotonic + service.Manifest.DrainTimeout),
    };

    private static ServiceTimer Timer(TimerKind kind, KeptService kept, TimeSpan earliest, TimeSpan latest) =>
        new(kind, kept.Timer is { } timer && timer.Kind == kind && timer.Due < latest ? Later(timer.Due, earliest) : latest);

    private static TimeSpan Later(TimeSpan a, TimeSpan b) => a > b ? a : b;

    private static TimeSpan Earliest(TimeSpan? a, TimeSpan b) => a < b ? a.Value : b;
}
