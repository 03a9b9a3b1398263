using System.Collections.Immutable;

namespace Strata.Supervision;

/// <summary>Who waits for whom, judged from one state of the node.</summary>
internal static class Dependencies
{
    /// <summary>The services that <paramref name="name"/> has to wait for before it may be spawned.</summary>
    internal static ImmutableArray<string> BlockersOf(NodeState node, string name)
    {
        var graph = node.Plan.Graph;
        var hard = graph.Requires(name).Where(other => !node.Services[other].IsUp);
        return [.. hard, .. graph.Wants(name).Concat(graph.After(name)).Where(other => IsComingUp(node, other))];
    }

    /// <summary>Whether every service that depends on <paramref name="name"/> has stopped.</summary>
    internal static bool DependantsStopped(NodeState node, string name) =>
        node.Plan.Graph.Dependants(name).All(other => node.Services[other] is { State: ServiceState.Stopped, Second: null });

    /// <summary>
    /// Whether a verdict on a service is still awaited: it is on its way up, or down after a first failure, which the next attempt may mend, and the same holds for
    /// whatever it cannot start without. Each of these ends by its own deadline.
    /// </summary>
    internal static bool IsAwaited(NodeState node, string name)
    {
        var service = node.Services[name];
        return service is { State: ServiceState.Starting or ServiceState.Crashed or ServiceState.Restarting, ConsecutiveCrashes: <= 1 }
            && (service.Process is not null || node.Plan.Graph.Requires(name).All(other => node.Services[other].IsUp || IsAwaited(node, other)));
    }

    // A soft dependency, or what merely comes before, is waited for only while its first verdict is certain to come: its process has a
    // deadline, and one without a process is itself waiting only for such services. A stuck one is done without.
    private static bool IsComingUp(NodeState node, string name)
    {
        var service = node.Services[name];
        return service.State == ServiceState.Starting
            && (service.Process is not null || node.Plan.Graph.Requires(name).All(
                other => node.Services[other].IsUp || IsComingUp(node, other)));
    }
}
