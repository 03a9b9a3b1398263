namespace Strata.Supervision;

/// <summary>A service's deadline has come.</summary>
internal static class Elapsed
{
    internal const string KilledLate = "did not end in time and was killed";
    internal const string KilledAgain = "did not go when killed and was killed again";

    internal static void Fire(NodeTransaction node, ServiceStatus service)
    {
        var timer = service.Timer!.Value;
        switch (timer.Kind)
        {
            case TimerKind.Readiness:
                var kind = service.Manifest.DoesWorkAndEnds ? CrashKind.RunTimeout : CrashKind.ReadyTimeout;
                Crash(node, service, timer, new CrashCause(kind, Limit: service.Manifest.ReadyTimeout));
                break;
            case TimerKind.Watchdog:
                Crash(node, service, timer, new CrashCause(CrashKind.WatchdogMissed, Limit: service.Manifest.Watchdog!.Interval));
                break;
            case TimerKind.Schedule:
                Timers.Look(node, service);
                break;
            case TimerKind.Drain:
                node.Fire(service.Name, timer.Event, new Facts(KilledLate));
                break;
            case TimerKind.Kill when node.State.ShuttingDown && service.KillAttempts >= NodeMachine.MaxKillAttempts:
                node.Change(state => state with { Abandoned = state.Abandoned.Add(service.Name) });
                node.Fire(service.Name, ServiceEvent.Abandon, new Facts("its process survived every kill and is left behind"));
                break;
            case TimerKind.Kill:
                node.Fire(service.Name, timer.Event, new Facts(KilledAgain));
                break;
            default:
                node.Fire(service.Name, timer.Event, new Facts("its backoff has elapsed"));
                break;
        }
    }

    private static void Crash(NodeTransaction node, ServiceStatus service, ServiceTimer timer, CrashCause cause) =>
        node.Fire(service.Name, timer.Event, new Facts(cause.Text, Crash: cause));
}
