using System.Collections.Immutable;

namespace Strata.Supervision;

/// <summary>
/// Keeps the registry in step with <see cref="ServiceStatus.Listed"/>. While no registry is Healthy nothing is sent:
/// whatever changed meanwhile is part of the complete list it gets when it comes up.
/// </summary>
internal static class Registrations
{
    internal static void Follow(NodeTransaction node, ServiceStatus before, ServiceStatus after)
    {
        if (after.Name == NodePlan.RegistryName && after.State == ServiceState.Healthy && before.State != ServiceState.Healthy)
        {
            node.Do(new Effect.RestoreRegistrations(Listed(node.State)));
        }
        else if (before.Listed != after.Listed && RegistryIsHealthy(node.State))
        {
            node.Do(after.Listed ? new Effect.Register(after.Name) : new Effect.Unregister(after.Name));
        }
    }

    private static ImmutableArray<string> Listed(NodeState state) =>
        [.. state.Plan.Graph.StartOrder.Where(name => state.Services[name].Listed)];

    private static bool RegistryIsHealthy(NodeState state) =>
        state.Services.TryGetValue(NodePlan.RegistryName, out var registry) && registry.State == ServiceState.Healthy;
}
