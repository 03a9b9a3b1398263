namespace Strata.Supervision.Tests.Simulation;

/// <summary>A random next configuration: services stay, go, change a little or a lot, come, or come back.</summary>
internal static class RandomChanges
{
    internal static NodePlan Draw(Random random, NodeState node, bool calendar)
    {
        var next = new Dictionary<string, ServiceManifest>(StringComparer.Ordinal);
        foreach (var manifest in node.Declared.Values.OrderBy(m => m.Name, StringComparer.Ordinal))
        {
            if (random.Next(8) is not 0 and var change)
            {
                next.Add(manifest.Name, change switch { 1 => RandomManifests.Vary(random, manifest, calendar), 2 => Adjust(random, manifest, calendar), 3 => Replace(manifest), _ => manifest });
            }
        }

        // New names, and names of services that went; each may need and be needed by others, in one direction.
        for (var added = random.Next(4); added > 0 && next.Count < RandomManifests.MaxServices; added--)
        {
            var name = $"s{random.Next(RandomManifests.MaxServices)}";
            next.TryAdd(name, RandomManifests.Vary(random, RandomManifests.Links(random, IndexOf(name)), calendar));
        }

        if (random.Next(6) == 0 && !next.ContainsKey(NodePlan.RegistryName))
        {
            next.Add(NodePlan.RegistryName, Node.Service(NodePlan.RegistryName));
        }

        var whole = RandomManifests.WithoutRequiredTimers([.. next.Values.Select(m => m with { Requires = [.. m.Requires.Where(next.ContainsKey)] })]);
        Claim.That(NodePlan.TryCreate(whole, out var plan, out var faults), string.Join("; ", faults));
        return plan!;
    }

    // What takes no new process: each time other fields, and who is needed.
    private static ServiceManifest Adjust(Random random, ServiceManifest manifest, bool calendar)
    {
        var varied = RandomManifests.Vary(random, manifest, calendar);
        return random.Next(5) switch
        {
            0 when manifest.Kind == ServiceKind.Timer => manifest with { Timer = RandomTimers.Draw(random, calendar) },
            0 => manifest with { Quarantine = varied.Quarantine },
            1 => manifest with { Backoff = varied.Backoff, Restart = varied.Restart },
            2 => manifest with { StopSignal = varied.StopSignal, DrainTimeout = varied.DrainTimeout },
            3 when manifest.Name != NodePlan.RegistryName => RandomManifests.Links(random, IndexOf(manifest.Name)) is var links
                ? manifest with { Requires = links.Requires, Wants = links.Wants, After = links.After } : manifest,
            _ => manifest with { Strategy = manifest.Kind == ServiceKind.Timer ? RestartStrategy.OneForOne : varied.Strategy, Description = manifest.Description + "." },
        };
    }

    private static ServiceManifest Replace(ServiceManifest manifest) => manifest with { Program = manifest.Program + "x" };

    private static int IndexOf(string name) => int.TryParse(name.AsSpan(1), System.Globalization.CultureInfo.InvariantCulture, out var index) ? index : 0;
}
