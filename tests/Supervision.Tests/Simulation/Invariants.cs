namespace Strata.Supervision.Tests.Simulation;

/// <summary>What holds after every single step.</summary>
internal static class Invariants
{
    private static readonly TimeSpan LongestWait = TimeSpan.FromHours(24);

    internal static void Check(NodeState before, NodeEvent happened, Step step, World world, NodeTime now)
    {
        var after = step.State;
        if (happened is NodeEvent.WatchdogPing ping && step.Effects.IsEmpty)
        {
            // By far the most frequent event; it concerns one service, and nobody else may have moved without an effect.
            CheckShape(after.Services[ping.Name]);
            return;
        }

        foreach (var (name, service) in after.Services)
        {
            if (!before.Services.TryGetValue(name, out var was))
            {
                Claim.That(happened is NodeEvent.Reconfigure, $"{name} comes from nowhere");
                CheckShape(service);
            }
            else if (!ReferenceEquals(was, service))
            {
                CheckShape(service);
                CheckWait(service, after);
                if (happened is not NodeEvent.TakeOver)
                {
                    CheckMove(was, happened, after, service);
                    ExplainOracle.Check(before, happened, after, name, now);
                }
            }

            // Nothing that came about elsewhere may leave one behind that could go on, or let one wait for what never comes.
            if (step.Effects.Length > 0 && service is { State: ServiceState.Starting, Process: null })
            {
                CheckBlockers(after, name);
            }
        }

        foreach (var process in world.Alive.Where(p => !p.IsReported))
        {
            var service = after.Services[process.Name];
            Claim.That(
                service.Process?.Incarnation == process.Incarnation || service.Second?.Process.Incarnation == process.Incarnation,
                $"{process.Name} lives and the node has lost it");
        }

        Claim.That(
            world.Watched.SetEquals(after.Services.Values.Where(s => s.State == ServiceState.Listening).Select(s => s.Name)), "exactly the sockets of services that wait for a connection are watched");
        CheckRegistry(after, world);
        CheckCommand(happened, step);
        CheckTime(happened, after);
        CheckLog(before, step);
    }

    internal static void CheckExplanation(NodeState node, string name, NodeTime now)
    {
        var service = node.Services[name];
        var why = Explainer.Explain(node, name, now)!;
        Claim.That(why.State == service.State && why.Phase == service.Phase, "an explanation is about the present state");
        Claim.That(why.NextAt is not null == service.Timer is not null, "an explanation gives a time exactly when there is one");
        Claim.That(why.WaitingOn.IsEmpty == (service.Phase != ServicePhase.AwaitingDependencies), "an explanation says on whom it waits");
        Claim.That(why.Next.Length > 0 && why.Because.Length > 0 && why.For >= TimeSpan.Zero, "an explanation is complete");
    }

    private static void CheckShape(ServiceStatus s)
    {
        var timer = s.Timer?.Kind;
        var good = s.State switch
        {
            ServiceState.Starting => s.Process is null ? timer is null : timer == TimerKind.Readiness,
            ServiceState.Healthy => s.Manifest.Kind == ServiceKind.Service && s.Process is not null && s.Listed && (s.Manifest.Watchdog is null ? timer is null : timer == TimerKind.Watchdog),
            ServiceState.Stopping => s.Process is not null && timer is TimerKind.Drain or TimerKind.Kill,
            ServiceState.Crashed => s.Process is not null && timer == TimerKind.Kill && s.KillAttempts > 0,
            ServiceState.Restarting => s.Process is null && timer == TimerKind.Backoff,
            ServiceState.Waiting => s is { Process: null, Wanted: true, Listed: false, Manifest.Kind: ServiceKind.Timer } && timer == TimerKind.Schedule,
            ServiceState.Listening => s is { Process: null, Wanted: true, Listed: true, Demanded: false, Manifest.IsOnDemand: true } && timer is null,
            _ => s.Process is null && timer is null && !s.Wanted && !s.Listed,
        };
        Claim.That(good, $"{s.Name} is {s.State} with process {s.Process} and timer {timer}");
        CheckSecond(s);
        Claim.That(s.RecentCrashes.Length <= s.Manifest.Quarantine.Crashes, "the crash window is bounded");
        Claim.That(
            s.State != ServiceState.Quarantined || s.RecentCrashes.Length == s.Manifest.Quarantine.Crashes,
            "quarantine comes with the crash that the policy names, not earlier");
    }

    private static void CheckSecond(ServiceStatus s)
    {
        var good = s.Second switch
        {
            null => true,
            { Role: SecondRole.Incoming } second => second.Timer.Kind == TimerKind.Readiness && s.State == ServiceState.Healthy && second.KillAttempts == 0,
            { Role: SecondRole.Outgoing, KillAttempts: 0 } second => second.Timer.Kind == TimerKind.Drain,
            { Role: SecondRole.Outgoing or SecondRole.Discarded } second => second.Timer.Kind == TimerKind.Kill && second.KillAttempts > 0,
            _ => false,
        };
        Claim.That(good, $"{s.Name} is {s.State} beside {s.Second}");
        Claim.That(s.Second is null || s.Second.Process.Incarnation != s.Process?.Incarnation, $"{s.Name} has one instance twice");
        Claim.That(s.Second is not { Role: SecondRole.Incoming } || s.Manifest is { EffectiveSocketName: not null, Socket.Rolling: true, Name: not NodePlan.RegistryName }, $"{s.Name} has two instances without a socket to share");
    }

    // A wait is finite when it has a deadline, or ends by what has one: a dependency on its way up, or an operator, who is named.
    private static void CheckWait(ServiceStatus service, NodeState node)
    {
        Claim.That(
            service.Timer is not { } timer || timer.Due - node.Now.Monotonic <= LongestWait, $"{service.Name} waits for {service.Timer}");
        Claim.That(
            service.Second is not { } second || second.Timer.Due - node.Now.Monotonic <= LongestWait, $"{service.Name} waits for {service.Second}");
    }

    private static void CheckBlockers(NodeState node, string name)
    {
        var blockers = Dependencies.BlockersOf(node, name);
        Claim.That(!blockers.IsEmpty || node.ShuttingDown, $"{name} waits for nobody and is not spawned");
        foreach (var blocker in blockers.Where(b => !node.Plan.Graph.Requires(name).Contains(b)))
        {
            Claim.That(node.Services[blocker].State == ServiceState.Starting, $"{name} waits for {blocker}, which it does not require and which does not come up");
        }

        var next = Explainer.Explain(node, name, node.Now)!.Next;
        foreach (var blocker in blockers)
        {
            var down = node.Services[blocker] is { Timer: null, Process: null, State: not ServiceState.Starting };
            Claim.That(
                next.Contains($"{blocker} (", StringComparison.Ordinal) && down == next.Contains($"needs svc.start {blocker})", StringComparison.Ordinal),
                $"{name} does not say what {blocker} needs: {next}");
        }
    }

    private static void CheckLog(NodeState before, Step step)
    {
        var expected = before.Log.LastSequence;
        foreach (var effect in step.Effects)
        {
            if (effect is Effect.Emit emit)
            {
                Claim.That(emit.Record.Sequence == ++expected, "every record is emitted once and in order");
            }
        }

        Claim.That(step.State.Log.LastSequence == expected, "every record is emitted");
        Claim.That(step.State.Log.LastSequence - step.State.Log.FirstSequence < EventLog.Capacity, "the log is bounded");
    }

    private static void CheckMove(ServiceStatus was, NodeEvent happened, NodeState after, ServiceStatus service)
    {
        if (was.State == service.State)
        {
            return;
        }

        if (was.State == ServiceState.Quarantined)
        {
            Claim.That(
                happened is NodeEvent.Start or NodeEvent.Restart or NodeEvent.Stop or NodeEvent.Shutdown or NodeEvent.Reconfigure,
                $"{service.Name} leaves its quarantine by itself");
        }

        Claim.That(
            was.State != ServiceState.Stopped || happened is NodeEvent.Start or NodeEvent.Restart, $"{service.Name} comes up though it was stopped");

        if (service.State == ServiceState.Completed)
        {
            Claim.That(
                happened is NodeEvent.Exited { Status.Code: 0 }
                && (service.Manifest.Kind == ServiceKind.Oneshot || service.Manifest.Restart != RestartPolicy.Always),
                $"{service.Name} is Completed without having ended as its policy allows");
        }

        Claim.That(
            service.State is not (ServiceState.Restarting or ServiceState.Quarantined) || service.Manifest.Restart != RestartPolicy.Never,
            $"{service.Name} is {service.State} though its policy is never");
        if (after.ShuttingDown && service.State == ServiceState.Stopping && happened is not (NodeEvent.Stop or NodeEvent.Reconfigure))
        {
            Claim.That(
                after.Plan.Graph.Dependants(service.Name).All(other => after.Services[other] is { State: ServiceState.Stopped, Second: null }),
                $"{service.Name} is stopped before what depends on it");
        }
    }

    private static void CheckRegistry(NodeState node, World world)
    {
        if (node.Services.TryGetValue(NodePlan.RegistryName, out var registry)
            && registry.State == ServiceState.Healthy && world.IsAlive(NodePlan.RegistryName))
        {
            Claim.That(
                world.Registry.SetEquals(node.Services.Values.Where(s => s.Listed).Select(s => s.Name)),
                "a Healthy registry holds exactly what it should");
        }
    }

    private static void CheckCommand(NodeEvent happened, Step step)
    {
        if (step.Result.Status != CommandStatus.Ok)
        {
            return;
        }

        switch (happened)
        {
            case NodeEvent.Stop e when step.State.Services[e.Name] is var service:
                Claim.That(!service.Wanted && service.State is ServiceState.Stopping or ServiceState.Stopped, "an accepted stop takes effect at once");
                break;
            case NodeEvent.Start e when step.State.Services[e.Name] is var service:
                Claim.That(service is { Wanted: true, State: ServiceState.Starting } or { Wanted: true, State: ServiceState.Listening, Manifest.IsOnDemand: true }, "an accepted start takes effect at once");
                break;
            case NodeEvent.Restart e when step.State.Services[e.Name] is var service:
                Claim.That(service is { Wanted: true, State: ServiceState.Starting or ServiceState.Stopping or ServiceState.Listening }, "an accepted restart takes effect at once");
                break;
            case NodeEvent.Roll e when step.State.Services[e.Name] is var service:
                Claim.That(service is { State: ServiceState.Healthy, Second.Role: SecondRole.Incoming }, "an accepted rolling restart starts a second instance at once");
                break;
        }

        foreach (var record in step.Effects.OfType<Effect.Emit>().Select(e => e.Record).Where(_ => step.State.ShuttingDown))
        {
            Claim.That(record.From == record.To || record.To is not (ServiceState.Starting or ServiceState.Restarting), "nothing comes up during a shutdown");
        }
    }

    private static void CheckTime(NodeEvent happened, NodeState node)
    {
        if (happened is NodeEvent.Tick)
        {
            Claim.That(!(node.NextDeadline <= node.Now.Monotonic), "after a tick no deadline is overdue");
        }
    }
}
