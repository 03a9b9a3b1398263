namespace Strata.Supervision;

/// <summary>What each <see cref="ServiceAction"/> does to one service. The state itself is set by the caller, from the table.</summary>
internal static class ServiceActions
{
    /// <summary>Pause between two kills of a process that does not go.</summary>
    internal static readonly TimeSpan KillRetry = TimeSpan.FromSeconds(2);

    internal static ServiceStatus Run(ServiceAction action, ServiceStatus service, Facts facts, NodeTransaction node) => action switch
    {
        ServiceAction.BeginAfresh => Begin(Forgive(service)),
        ServiceAction.Begin => Begin(service),
        ServiceAction.Demand => Begin(service) with { Demanded = true },
        ServiceAction.DemandAfresh => Begin(Forgive(service)) with { Demanded = true },
        ServiceAction.Listen => Listen(service, node),
        ServiceAction.Spawn => Spawn(service, node),
        ServiceAction.RecordPid => WithPid(service, facts),
        ServiceAction.SignalLateSpawn => SignalLateSpawn(WithPid(service, facts), node),
        ServiceAction.BecomeHealthy => RearmWatchdog(service with { HealthySince = node.Now, Listed = true }, node),
        ServiceAction.RearmWatchdog => RearmWatchdog(service, node),
        ServiceAction.Drain => Drain(Intend(service), facts, node),
        ServiceAction.DrainToFollow => Drain(service, facts, node),
        ServiceAction.ShortenDrain => ShortenDrain(service, facts, node),
        ServiceAction.Kill => Kill(service, node),
        ServiceAction.KeepKilling => Intend(service),
        ServiceAction.Crash => Crash(service, facts, node) with { Process = null, Timer = null },
        ServiceAction.CrashAndKill => Kill(Crash(service, facts, node), node),
        ServiceAction.ForgetProcess => service with { Process = null, Timer = null },
        ServiceAction.BackOff => BackOff(service, node),
        ServiceAction.Await => Timers.Await(service, node),
        ServiceAction.BeginRun => Begin(Forgive(Timers.Run(service, node))),
        ServiceAction.LayToRest => service with { Process = null, Timer = null, Wanted = false, Listed = false, HealthySince = null, Schedule = service.Schedule?.Cleared() },
        _ => service,
    };

    private static ServiceStatus Begin(ServiceStatus service) =>
        service with { Wanted = true, Demanded = false, Timer = null, HealthySince = null, KillAttempts = 0 };

    private static ServiceStatus Forgive(ServiceStatus service) => service with { RecentCrashes = [], ConsecutiveCrashes = 0 };

    // A restart is an operator's fresh start; a plain stop takes the service off the registry before it drains.
    private static ServiceStatus Intend(ServiceStatus service) => service.Wanted ? Forgive(service) : service with { Listed = false };

    private static ServiceStatus Listen(ServiceStatus service, NodeTransaction node)
    {
        node.Do(new Effect.AwaitConnection(service.Name));
        return service with { Process = null, Timer = null, HealthySince = null, Demanded = false, Listed = true };
    }

    private static ServiceStatus Spawn(ServiceStatus service, NodeTransaction node)
    {
        var incarnation = service.Incarnation + 1;
        node.Do(new Effect.Spawn(service.Name, incarnation));
        return service with
        {
            Incarnation = incarnation,
            Process = new ServiceProcess(incarnation, null),
            KillAttempts = 0,
            Timer = After(node, TimerKind.Readiness, service.Manifest.ReadyTimeout),
        };
    }

    private static ServiceStatus WithPid(ServiceStatus service, Facts facts) =>
        service with { Process = service.Process! with { Pid = facts.Pid } };

    private static ServiceStatus SignalLateSpawn(ServiceStatus service, NodeTransaction node)
    {
        Signal(service, service.KillAttempts > 0 ? ProcessSignal.Kill : ProcessSignal.Terminate, node);
        return service;
    }

    internal static ServiceStatus RearmWatchdog(ServiceStatus service, NodeTransaction node) => service with
    {
        Timer = service.Manifest.Watchdog is { } watchdog ? After(node, TimerKind.Watchdog, watchdog.Interval) : null,
    };

    private static ServiceStatus Drain(ServiceStatus service, Facts facts, NodeTransaction node)
    {
        Signal(service, ProcessSignal.Terminate, node);
        var drain = facts.Drain ?? service.Manifest.DrainTimeout;
        return service with { HealthySince = null, Timer = After(node, TimerKind.Drain, drain) };
    }

    private static ServiceStatus ShortenDrain(ServiceStatus service, Facts facts, NodeTransaction node)
    {
        var due = node.Now.Monotonic + (facts.Drain ?? service.Manifest.DrainTimeout);
        var shorter = service.Timer is { Kind: TimerKind.Drain } timer && due < timer.Due;
        return Intend(service) with { Timer = shorter ? new ServiceTimer(TimerKind.Drain, due) : service.Timer };
    }

    private static ServiceStatus Kill(ServiceStatus service, NodeTransaction node)
    {
        Signal(service, ProcessSignal.Kill, node);
        return service with { KillAttempts = service.KillAttempts + 1, Timer = After(node, TimerKind.Kill, KillRetry) };
    }

    private static ServiceStatus Crash(ServiceStatus service, Facts facts, NodeTransaction node)
    {
        var policy = service.Manifest.Quarantine;
        var now = node.Now.Monotonic;
        var wasStable = service.HealthySince is { } since && node.Now.Since(since) >= service.Manifest.Backoff.ResetAfter;
        var counts = facts.Crash!.Kind != CrashKind.NotGranted;
        return service with
        {
            // Strictly inside the window: a crash exactly one window ago has left it. Only the newest ones up to the
            // limit can matter, which bounds the array.
            RecentCrashes = [.. service.RecentCrashes.Where(at => now - at < policy.Window).TakeLast(policy.Crashes - 1), .. counts ? [now] : Array.Empty<TimeSpan>()],
            ConsecutiveCrashes = wasStable ? 1 : service.ConsecutiveCrashes + 1,
            LastCrash = new CrashRecord(facts.Crash!, node.Now, service.Incarnation),
            HealthySince = null,
        };
    }

    private static ServiceStatus BackOff(ServiceStatus service, NodeTransaction node)
    {
        var wait = service.Manifest.Backoff.Delay(service.ConsecutiveCrashes, node.DrawJitter());
        return service with { KillAttempts = 0, Timer = After(node, TimerKind.Backoff, wait) };
    }

    // Before the spawn is confirmed there is nobody to signal; SignalLateSpawn makes up for it.
    private static void Signal(ServiceStatus service, ProcessSignal what, NodeTransaction node)
    {
        if (service.Process is { Pid: { } pid, Incarnation: var incarnation })
        {
            node.Do(new Effect.Signal(service.Name, incarnation, pid, what, service.Manifest.StopSignal));
        }
    }

    private static ServiceTimer After(NodeTransaction node, TimerKind kind, TimeSpan wait) => new(kind, node.Now.Monotonic + wait);
}
