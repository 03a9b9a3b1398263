using System.Collections.Immutable;

namespace Strata.Supervision;

/// <summary>Kahn's algorithm, a whole level at a time. Nodes on or behind a cycle are left out.</summary>
internal static class TopologicalLevels
{
    internal static ImmutableArray<ImmutableArray<string>> Of(Dictionary<string, string[]> edges)
    {
        var levels = ImmutableArray.CreateBuilder<ImmutableArray<string>>();
        var placed = new HashSet<string>(StringComparer.Ordinal);
        while (true)
        {
            ImmutableArray<string> level =
            [
                .. edges.Where(e => !placed.Contains(e.Key) && e.Value.All(placed.Contains))
                    .Select(e => e.Key).Order(StringComparer.Ordinal),
            ];
            if (level.IsEmpty)
            {
                return levels.ToImmutable();
            }

            placed.UnionWith(level);
            levels.Add(level);
        }
    }
}
