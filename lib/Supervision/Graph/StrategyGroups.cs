using System.Collections.Immutable;

namespace Strata.Supervision;

/// <summary>Who restarts with whom, from the manifests alone.</summary>
internal static class StrategyGroups
{
    /// <summary>For every service those that are restarted when it crashes, itself left out, in start order.</summary>
    internal static ImmutableDictionary<string, ImmutableArray<string>> Of(
        IReadOnlyDictionary<string, ServiceManifest> services, ImmutableArray<string> startOrder)
    {
        var requirers = services.Values.SelectMany(s => s.EffectiveRequires.Select(other => (other, s.Name))).ToLookup(e => e.other, e => e.Name, StringComparer.Ordinal);
        return services.Values.ToImmutableDictionary(s => s.Name, s => After(s), StringComparer.Ordinal);

        ImmutableArray<string> After(ServiceManifest crashed)
        {
            if (crashed.Strategy == RestartStrategy.OneForOne)
            {
                return [];
            }

            var group = crashed.Strategy == RestartStrategy.RestForOne ? [crashed.Name] : Reach([crashed.Name], GroupNeighbours);
            var affected = Reach(group, name => requirers[name]);
            return [.. startOrder.Where(name => name != crashed.Name && affected.Contains(name))];
        }

        IEnumerable<string> GroupNeighbours(string name) =>
            services[name].EffectiveRequires.Concat(requirers[name]).Where(other => services[other].Strategy == RestartStrategy.OneForAll);
    }

    private static HashSet<string> Reach(IEnumerable<string> from, Func<string, IEnumerable<string>> next)
    {
        var reached = new HashSet<string>(from, StringComparer.Ordinal);
        var open = new Queue<string>(reached);
        while (open.TryDequeue(out var name))
        {
            foreach (var other in next(name).Where(reached.Add))
            {
                open.Enqueue(other);
            }
        }

        return reached;
    }
}
