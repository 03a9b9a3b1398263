namespace Strata.Supervision.Tests.Simulation;

/// <summary>Holds every change of a service against what was said before it: what comes next, and when.</summary>
internal static class ExplainOracle
{
    internal static void Check(NodeState before, NodeEvent happened, NodeState after, string name, NodeTime now)
    {
        var (was, isNow) = (before.Services[name], after.Services[name]);
        if (was.State == isNow.State && was.Process is null == isNow.Process is null && was.KillAttempts == isNow.KillAttempts)
        {
            return;
        }

        var said = Explainer.Explain(before, name, now)!;
        var commanded = happened is NodeEvent.Start { Name: var a } && a == name
            || happened is NodeEvent.Stop { Name: var b } && b == name
            || happened is NodeEvent.Restart { Name: var c } && c == name
            || happened is NodeEvent.Reconfigure;
        if (commanded)
        {
            return;
        }

        // Another one's crash and the end of the node may intervene; the strategy oracle and the order of stops judge those.
        var sentAway = isNow.State == ServiceState.Stopping && was.State is ServiceState.Starting or ServiceState.Healthy;
        if (!sentAway && !(after.ShuttingDown && isNow.State == ServiceState.Stopped))
        {
            CheckTime(said, happened, was, isNow, now);
            Claim.That(Foretold(said, happened, was, isNow), $"{name} became {isNow.State} ({isNow.Because}) by {happened}, but next was: {said.Next}");
        }
    }

    private static void CheckTime(Explanation said, NodeEvent happened, ServiceStatus was, ServiceStatus isNow, NodeTime now)
    {
        // A tick moves a service at the time that was announced, not earlier; else only others' progress, for which it waited.
        if (happened is NodeEvent.Tick && was.Process is null == isNow.Process is null)
        {
            Claim.That(said.NextIn == TimeSpan.Zero && was.Timer!.Value.Due <= now.Monotonic, $"{said.Name} moves before its time: {said.Next}");
        }
    }

    private static bool Foretold(Explanation said, NodeEvent happened, ServiceStatus was, ServiceStatus isNow)
    {
        bool Says(string part) => said.Next.Contains(part, StringComparison.Ordinal);
        bool Down(bool comesBack) => comesBack
            ? isNow.State is ServiceState.Restarting or ServiceState.Quarantined
            : isNow.State == ServiceState.Stopped;
        var clean = happened is NodeEvent.Exited { Status.Code: 0 };
        var failed = happened is NodeEvent.SpawnFailed || (happened is NodeEvent.Exited && !clean);
        var ready = happened is NodeEvent.Ready news && news.By == was.Manifest.Readiness.Method && was.Manifest.Kind == ServiceKind.Service;
        var elapsed = happened is NodeEvent.Tick;
        var back = was.Manifest.Restart != RestartPolicy.Never;
        return was.Phase switch
        {
            ServicePhase.AwaitingTime => elapsed && isNow.State == ServiceState.Starting && (Says("runs") || Says("makes up for")),
            ServicePhase.Working or ServicePhase.Spawning when clean && was.Manifest.Kind == ServiceKind.Timer =>
                Says("waits for its next time when it exits with code 0") && isNow.State == ServiceState.Waiting,
            ServicePhase.Spawning or ServicePhase.Working when failed && was.Manifest.Kind == ServiceKind.Timer => isNow.State is ServiceState.Waiting or ServiceState.Restarting,
            ServicePhase.Killing when was.Manifest.Kind == ServiceKind.Timer && was.State == ServiceState.Crashed && !elapsed => isNow.State is ServiceState.Waiting or ServiceState.Restarting,
            ServicePhase.Draining or ServicePhase.Killing when Says("and then waits for its time") && !elapsed => isNow.State == ServiceState.Waiting,
            ServicePhase.Resting when was.State == ServiceState.Declared => Says("when the node starts") && happened is NodeEvent.StartAll,
            ServicePhase.Resting => false,
            ServicePhase.AwaitingDependencies => Says("is spawned when") && isNow.Phase == ServicePhase.Spawning,
            ServicePhase.BackingOff => elapsed && (isNow.State == ServiceState.Listening ? Says("if somebody waits for it") : Says("the next attempt") && isNow.State == ServiceState.Starting),
            ServicePhase.AwaitingConnection => Says("when somebody connects") && happened is NodeEvent.Connected && isNow.State == ServiceState.Starting,
            ServicePhase.Serving when clean && isNow.State == ServiceState.Listening => Says("waits for the next connection once it has ended by itself"),
            ServicePhase.Spawning when happened is NodeEvent.Spawned => Says("when its process exists") && isNow.State == ServiceState.Healthy,
            ServicePhase.AwaitingReadiness or ServicePhase.Spawning when happened is NodeEvent.Ready =>
                ready && Says("when it announces readiness") && isNow.State == ServiceState.Healthy,
            ServicePhase.Spawning or ServicePhase.AwaitingReadiness or ServicePhase.Working when elapsed =>
                (Says("killed if") || Says("given up if")) && isNow.State == ServiceState.Crashed,
            ServicePhase.Working or ServicePhase.Spawning when clean && was.Manifest.Kind == ServiceKind.Oneshot =>
                Says("becomes Completed when it exits with code 0") && isNow.State == ServiceState.Completed,
            ServicePhase.Serving when elapsed => Says("if it gives no sign of life") && isNow.State == ServiceState.Crashed,
            ServicePhase.Serving when clean && (Says("restarted only if it fails") || Says("not restarted when it ends")) => isNow.State == ServiceState.Completed,
            ServicePhase.Serving when failed || clean => Down(!Says("not restarted when it")),
            ServicePhase.Spawning or ServicePhase.AwaitingReadiness or ServicePhase.Working when clean && was.Manifest.Restart != RestartPolicy.Always && !was.Manifest.IsOnDemand =>
                isNow.State == ServiceState.Completed,
            ServicePhase.Spawning or ServicePhase.AwaitingReadiness or ServicePhase.Working when failed || clean => Down(back),
            ServicePhase.Draining when elapsed => Says("killed if") && isNow.KillAttempts == was.KillAttempts + 1,
            ServicePhase.Killing when elapsed => Says("sent another then") && isNow.KillAttempts == was.KillAttempts + 1,
            ServicePhase.Draining or ServicePhase.Killing when was.State == ServiceState.Stopping =>
                Says("and then started again") ? isNow.State is ServiceState.Starting or ServiceState.Listening : isNow.State == ServiceState.Stopped,
            ServicePhase.Killing => Down(!Says("left down")),
            _ => false,
        };
    }
}
