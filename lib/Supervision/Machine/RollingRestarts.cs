namespace Strata.Supervision;

/// <summary>
/// Rolling restarts: a new instance comes up beside the present one, on the same socket, and takes its place once it is ready; only then
/// is the old one asked to end. Until then the service stays as it is, and so it does when the new instance fails.
/// </summary>
internal static class RollingRestarts
{
    internal static CommandResult Begin(NodeTransaction node, NodeEvent.Roll command)
    {
        if (OperatorCommands.FaultOf(node, command.Name, command.Drain) is { } fault)
        {
            return fault;
        }

        if (node.State.ShuttingDown)
        {
            return OperatorCommands.ShuttingDown;
        }

        var service = node.State.Services[command.Name];
        if (RefusalOf(node.State, service) is { } refusal)
        {
            return new CommandResult(CommandStatus.Conflict, $"{service.Name} {refusal}");
        }

        var incarnation = service.Incarnation + 1;
        node.Do(new Effect.Spawn(service.Name, incarnation));
        Put(node, service with
        {
            Incarnation = incarnation,
            Second = new SecondInstance
            {
                Process = new ServiceProcess(incarnation, null),
                Role = SecondRole.Incoming,
                Timer = After(node, TimerKind.Readiness, service.Manifest.ReadyTimeout),
                Drain = command.Drain ?? service.Manifest.DrainTimeout,
            },
        });
        Tell(node, service.Name, EventKind.InstanceAdded, $"the operator replaces it: instance {incarnation} comes up beside it");
        return CommandResult.Ok;
    }

    /// <summary>Takes news about a second instance.</summary>
    /// <returns>False when it is about another one.</returns>
    internal static bool TryDeliver(NodeTransaction node, NodeEvent happened)
    {
        (string Name, int Incarnation)? about = happened switch
        {
            NodeEvent.Spawned e => (e.Name, e.Incarnation),
            NodeEvent.SpawnFailed e => (e.Name, e.Incarnation),
            NodeEvent.Ready e => (e.Name, e.Incarnation),
            NodeEvent.Exited e => (e.Name, e.Incarnation),
            _ => null,
        };
        if (about is not var (name, incarnation) || !node.State.Services.TryGetValue(name, out var service)
            || service.Second is not { } second || second.Process.Incarnation != incarnation)
        {
            return false;
        }

        switch (happened)
        {
            case NodeEvent.Spawned e:
                Spawned(node, service, second with { Process = second.Process with { Pid = e.Pid } });
                break;
            case NodeEvent.Ready e when second.Role == SecondRole.Incoming && e.By != ReadinessMethod.None && service.Manifest.Readiness.Method == e.By:
                TakeOver(node, service, second);
                break;
            case NodeEvent.SpawnFailed e:
                Ended(node, service, second, CrashCause.FromSpawnError(e.Error).Text);
                break;
            case NodeEvent.Exited e:
                Ended(node, service, second, CrashCause.From(e.Status).Text);
                break;
        }

        return true;
    }

    /// <summary>The deadline of a second instance has come.</summary>
    internal static void Elapse(NodeTransaction node, ServiceStatus service, SecondInstance second)
    {
        if (second.Timer.Kind == TimerKind.Readiness)
        {
            Discard(node, service, second, $"was not ready within {Words.Duration(service.Manifest.ReadyTimeout)}");
        }
        else if (node.State.ShuttingDown && second.KillAttempts >= NodeMachine.MaxKillAttempts)
        {
            node.Change(state => state with { Abandoned = state.Abandoned.Contains(service.Name) ? state.Abandoned : state.Abandoned.Add(service.Name) });
            Put(node, service with { Second = null });
            Tell(node, service.Name, EventKind.InstanceGone, $"instance {second.Process.Incarnation} survived every kill and is left behind");
        }
        else
        {
            Put(node, service with { Second = Kill(node, service, second) });
            Tell(node, service.Name, EventKind.ProcessKilled, $"instance {second.Process.Incarnation}, which {Fate(second)}, {(second.KillAttempts == 0 ? Elapsed.KilledLate : Elapsed.KilledAgain)}");
        }
    }

    /// <summary>What comes up beside an instance that does not serve any more is not waited for: the service begins anew by itself, or was told to end.</summary>
    internal static void GiveUp(NodeTransaction node, string name, string because)
    {
        if (node.State.Services[name] is { Second: { Role: SecondRole.Incoming } second } service)
        {
            Discard(node, service, second, $"is not needed any more: {because}");
        }
    }

    private static string? RefusalOf(NodeState node, ServiceStatus service) => service switch
    {
        { Manifest.EffectiveSocketName: null } => "has no socket that two instances could share, so it cannot be replaced without a gap; restart it without rolling",
        { Manifest.Socket.Rolling: false } or { Name: NodePlan.RegistryName } => "cannot be replaced by rolling: its manifest (socket.rolling) allows one instance at a time; restart it without rolling",
        { State: not ServiceState.Healthy } => $"is {service.State}, and only a Healthy service can hand over to a new instance; restart it without rolling",
        { Second.Role: SecondRole.Incoming } => "is being replaced already; wait until that has ended",
        { Second: not null } => $"still has instance {service.Second.Process.Incarnation} ending; try again when it is gone",
        _ when Dependencies.BlockersOf(node, service.Name) is [_, ..] blockers =>
            $"cannot have a new instance now: one would wait for {string.Join(", ", blockers.Select(b => $"{b} ({node.Services[b].State})"))}",
        _ => null,
    };

    private static void Spawned(NodeTransaction node, ServiceStatus service, SecondInstance second)
    {
        Put(node, service with { Second = second });
        if (second.Role != SecondRole.Incoming)
        {
            // Asked to end, or killed, before it existed.
            Signal(node, service, second, second.KillAttempts > 0 ? ProcessSignal.Kill : ProcessSignal.Terminate);
        }
        else if (service.Manifest.Readiness.Method == ReadinessMethod.None)
        {
            TakeOver(node, node.State.Services[service.Name], second);
        }
    }

    private static void TakeOver(NodeTransaction node, ServiceStatus service, SecondInstance second)
    {
        var old = new SecondInstance
        {
            Process = service.Process!, Role = SecondRole.Outgoing, Timer = After(node, TimerKind.Drain, second.Drain), Drain = second.Drain,
        };
        Signal(node, service, old, ProcessSignal.Terminate);
        Put(node, ServiceActions.RearmWatchdog(service with
        {
            Process = second.Process,
            Second = old,
            HealthySince = node.Now,
            Since = node.Now,
            Because = $"instance {second.Process.Incarnation} has taken over",
        }, node));
        Tell(node, service.Name, EventKind.InstanceReplaced, $"instance {second.Process.Incarnation} is ready and has taken over; instance {old.Process.Incarnation} drains");
    }

    private static void Ended(NodeTransaction node, ServiceStatus service, SecondInstance second, string how)
    {
        Put(node, service with { Second = null });
        var instance = $"instance {second.Process.Incarnation}";
        if (second.Role == SecondRole.Incoming)
        {
            Tell(node, service.Name, EventKind.InstanceFailed, $"{instance} {how} before it was ready");
        }
        else
        {
            Tell(node, service.Name, EventKind.InstanceGone, $"{instance}, which {Fate(second)}, {how}");
        }
    }

    private static string Fate(SecondInstance second) => second.Role == SecondRole.Outgoing ? "was replaced" : "was given up";

    private static void Discard(NodeTransaction node, ServiceStatus service, SecondInstance second, string why)
    {
        Put(node, service with { Second = Kill(node, service, second with { Role = SecondRole.Discarded }) });
        Tell(node, service.Name, EventKind.InstanceFailed, $"instance {second.Process.Incarnation} {why}");
    }

    private static SecondInstance Kill(NodeTransaction node, ServiceStatus service, SecondInstance second)
    {
        Signal(node, service, second, ProcessSignal.Kill);
        return second with { KillAttempts = second.KillAttempts + 1, Timer = After(node, TimerKind.Kill, ServiceActions.KillRetry) };
    }

    private static void Signal(NodeTransaction node, ServiceStatus service, SecondInstance second, ProcessSignal what)
    {
        if (second.Process is { Pid: { } pid, Incarnation: var incarnation })
        {
            node.Do(new Effect.Signal(service.Name, incarnation, pid, what, service.Manifest.StopSignal));
        }
    }

    private static void Put(NodeTransaction node, ServiceStatus service) =>
        node.Change(state => state with { Services = state.Services.SetItem(service.Name, service) });

    private static void Tell(NodeTransaction node, string name, EventKind kind, string cause)
    {
        var service = node.State.Services[name];
        node.Log(kind, cause, service, service);
    }

    private static ServiceTimer After(NodeTransaction node, TimerKind kind, TimeSpan wait) => new(kind, node.Now.Monotonic + wait);
}
