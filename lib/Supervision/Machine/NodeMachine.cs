using System.Collections.Immutable;

namespace Strata.Supervision;

/// <summary>
/// The supervisor's decisions as one pure function: state and event in, state and effects out. Which state follows which is
/// in <see cref="TransitionTable"/>; this class decides which service an event is about, and in which order services go.
/// </summary>
public static class NodeMachine
{
    /// <summary>Kills of one process before a shutdown leaves it behind, at intervals of 2 s.</summary>
    public const int MaxKillAttempts = 3;

    /// <summary>A node on which every service is Declared.</summary>
    /// <param name="plan">The checked services.</param>
    /// <param name="jitterSeed">Decides the jitter of every backoff; any value, best a random one a node.</param>
    /// <param name="now">The time.</param>
    public static NodeState Create(NodePlan plan, ulong jitterSeed, NodeTime now) => new()
    {
        Plan = plan,
        Services = plan.Manifests.ToImmutableDictionary(
            m => m.Key, m => new ServiceStatus { Manifest = m.Value, Since = now }, StringComparer.Ordinal),
        StartedAt = now,
        Now = now,
        Jitter = new JitterSource(jitterSeed),
    };

    /// <summary>
    /// Takes one event. Events of instances that are no longer the present one, of services that do not exist, and after
    /// the end are ignored. A <paramref name="now"/> earlier than the state's is taken as the state's.
    /// </summary>
    public static Step Apply(NodeState state, NodeEvent happened, NodeTime now)
    {
        var node = new NodeTransaction(state, now);
        var result = state.Ended ? AfterEnd(happened) : Dispatch(node, happened);
        if (!state.Ended)
        {
            Reconfiguration.Bury(node);
            Advance(node);
        }

        return new Step(node.State, node.Effects, result);
    }

    private static CommandResult Dispatch(NodeTransaction node, NodeEvent happened)
    {
        switch (happened)
        {
            case NodeEvent.Start e:
                return OperatorCommands.Start(node, e);
            case NodeEvent.Stop e:
                return OperatorCommands.Stop(node, e);
            case NodeEvent.Restart e:
                return OperatorCommands.Restart(node, e);
            case NodeEvent.Roll e:
                return RollingRestarts.Begin(node, e);
            case NodeEvent.Reconfigure e:
                return Reconfiguration.Apply(node, e.Plan);
            case NodeEvent.Connected e when node.State.Services.ContainsKey(e.Name):
                node.Fire(e.Name, ServiceEvent.Connected, new Facts("somebody connected"));
                break;
            case NodeEvent.TimersRan e:
                node.Change(state => state with { LastRuns = e.LastRuns });
                break;
            case NodeEvent.StartAll:
                StartAll(node);
                break;
            case NodeEvent.TakeOver e:
                TakingOver.Begin(node, e);
                break;
            case NodeEvent.Shutdown e:
                BeginShutdown(node, e.Because);
                break;
            case NodeEvent.Tick:
                FireTimers(node);
                break;
            default:
                ProcessNews.Deliver(node, happened);
                break;
        }

        return CommandResult.Ok;
    }

    private static CommandResult AfterEnd(NodeEvent happened) =>
        happened is NodeEvent.Start or NodeEvent.Stop or NodeEvent.Restart or NodeEvent.Roll or NodeEvent.Reconfigure ? OperatorCommands.ShuttingDown : CommandResult.Ok;

    private static void StartAll(NodeTransaction node)
    {
        if (node.State.ShuttingDown)
        {
            return;
        }

        node.Change(state => state with { HasStarted = true });
        node.Log(EventKind.NodeStarting, "the node starts");
        foreach (var name in node.State.Plan.Graph.StartOrder)
        {
            if (node.State.Services[name].State == ServiceState.Declared)
            {
                Bring(node, name, "the node starts");
            }
        }
    }

    /// <summary>Starts a declared service, or has a timer wait for its time.</summary>
    internal static void Bring(NodeTransaction node, string name, string because)
    {
        var occurred = node.State.Services[name].Manifest.Kind == ServiceKind.Timer ? ServiceEvent.AwaitTime : ServiceEvent.Start;
        node.Fire(name, occurred, new Facts(because));
    }

    private static void BeginShutdown(NodeTransaction node, string because)
    {
        if (node.State.ShuttingDown)
        {
            return;
        }

        // Nobody is wanted any more: whatever crashes from here on comes to rest instead of restarting.
        node.Change(state => state with
        {
            ShuttingDown = true,
            ShutdownBecause = because,
            Services = state.Services.ToImmutableDictionary(s => s.Key, s => Unwanted(s.Value), StringComparer.Ordinal),
        });
        node.Log(EventKind.NodeStopping, because);
        foreach (var name in node.State.Plan.Graph.StopOrder)
        {
            RollingRestarts.GiveUp(node, name, "the node shuts down");
        }
    }

    private static ServiceStatus Unwanted(ServiceStatus service) => service with
    {
        Wanted = false,
        Because = service is { State: ServiceState.Stopping, Wanted: true } ? "the node shuts down" : service.Because,
    };

    private static void FireTimers(NodeTransaction node)
    {
        var now = node.Now.Monotonic;
        while (Earliest() is { } service)
        {
            // Looked for anew each time: a crash may have given others another deadline, by its strategy. It ends, since what
            // fires arms either nothing or, after a drain of no time at all, a deadline that lies ahead.
            if (service.Second is { } second && second.Timer.Due == service.NextDue)
            {
                RollingRestarts.Elapse(node, service, second);
            }
            else
            {
                Elapsed.Fire(node, service);
            }
        }

        ServiceStatus? Earliest() => node.State.Services.Values
            .Where(s => s.NextDue <= now)
            .OrderBy(s => s.NextDue).ThenBy(s => s.Name, StringComparer.Ordinal)
            .FirstOrDefault();
    }

    /// <summary>What follows for the node as a whole: services whose turn has come are spawned or stopped, and the end is noticed.</summary>
    private static void Advance(NodeTransaction node)
    {
        var graph = node.State.Plan.Graph;
        if (!node.State.ShuttingDown)
        {
            foreach (var name in graph.StartOrder)
            {
                if (node.State.Services[name] is { State: ServiceState.Starting, Process: null, Demanded: false, Manifest.IsOnDemand: true })
                {
                    node.Fire(name, ServiceEvent.AwaitConnection, new Facts("waits for its first connection"));
                }
                else if (node.State.Services[name] is { State: ServiceState.Starting, Process: null }
                    && Dependencies.BlockersOf(node.State, name).IsEmpty)
                {
                    node.Fire(name, ServiceEvent.DependenciesReady, new Facts("its dependencies are ready"));
                }
            }

            return;
        }

        foreach (var name in graph.StopOrder)
        {
            var service = node.State.Services[name];
            var resting = service.State is ServiceState.Stopped or ServiceState.Stopping or ServiceState.Crashed;
            if (!resting && (service.Process is null || Dependencies.DependantsStopped(node.State, name)))
            {
                node.Fire(name, ServiceEvent.Stop, new Facts("the node shuts down", Wanted: false));
            }
        }

        if (node.State.Services.Values.All(s => s is { State: ServiceState.Stopped, Second: null }))
        {
            node.Change(state => state with { Ended = true });
            node.Log(EventKind.NodeStopped, "every service has stopped");
            node.Do(new Effect.Exit(node.State.Abandoned));
        }
    }
}
