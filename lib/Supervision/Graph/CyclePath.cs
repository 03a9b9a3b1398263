namespace Strata.Supervision;

/// <summary>Finds one cycle by depth-first search and returns it as a path whose first and last names are the same.</summary>
internal static class CyclePath
{
    /// <summary>A cycle, deterministic for the same graph; empty when there is none.</summary>
    internal static string[] Find(Dictionary<string, string[]> edges)
    {
        var finished = new HashSet<string>(StringComparer.Ordinal);
        foreach (var start in edges.Keys.Order(StringComparer.Ordinal))
        {
            // Depth is bounded by the number of services, which is small enough to recurse.
            if (Visit(start, edges, [], finished) is { } cycle)
            {
                return cycle;
            }
        }

        return [];
    }

    private static string[]? Visit(string name, Dictionary<string, string[]> edges, List<string> path, HashSet<string> finished)
    {
        var seenAt = path.IndexOf(name);
        if (seenAt >= 0)
        {
            return [.. path.Skip(seenAt), name];
        }

        if (!finished.Add(name))
        {
            return null;
        }

        path.Add(name);
        foreach (var next in edges[name])
        {
            if (Visit(next, edges, path, finished) is { } cycle)
            {
                return cycle;
            }
        }

        path.RemoveAt(path.Count - 1);
        return null;
    }
}
