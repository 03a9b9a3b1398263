using System.Collections.Immutable;

namespace Strata.Supervision;

/// <summary>What lies between the configuration that runs and another one. Pure: it looks at declarations alone, not at what runs.</summary>
public sealed class ConfigurationDiff
{
    private readonly ImmutableDictionary<string, ServiceChange> _byName;

    private ConfigurationDiff(ImmutableArray<ServiceChange> changes) =>
        (Changes, _byName) = (changes, changes.ToImmutableDictionary(c => c.Name, StringComparer.Ordinal));

    /// <summary>Every service that is not left alone, by name.</summary>
    public ImmutableArray<ServiceChange> Changes { get; }

    /// <summary>Compares.</summary>
    /// <param name="before">What is declared now, by name.</param>
    /// <param name="after">What shall be.</param>
    public static ConfigurationDiff Of(IReadOnlyDictionary<string, ServiceManifest> before, NodePlan after)
    {
        var changes = new Dictionary<string, ServiceChange>(StringComparer.Ordinal);
        foreach (var manifest in after.Manifests.Values)
        {
            if (ChangeOf(before.GetValueOrDefault(manifest.Name), manifest) is { } change)
            {
                changes.Add(change.Name, change);
            }
        }

        foreach (var name in before.Keys.Where(name => !after.Manifests.ContainsKey(name)))
        {
            changes.Add(name, new ServiceChange(name, ChangeKind.Removed, []));
        }

        foreach (var changed in changes.Values.Where(c => c.Kind == ChangeKind.Restarted).Select(c => c.Name).Order(StringComparer.Ordinal).ToList())
        {
            foreach (var name in after.Graph.RestartedWith(changed))
            {
                Follow(changes, name, changed);
            }
        }

        return new ConfigurationDiff([.. changes.Values.OrderBy(c => c.Name, StringComparer.Ordinal)]);
    }

    /// <summary>What becomes of a service; null when it is left alone.</summary>
    public ServiceChange? Of(string name) => _byName.GetValueOrDefault(name);

    private static ServiceChange? ChangeOf(ServiceManifest? before, ServiceManifest after)
    {
        if (before is null)
        {
            return new ServiceChange(after.Name, ChangeKind.Added, []);
        }

        var differences = FieldValues.Differences(before, after);
        return differences.IsEmpty ? null : new ServiceChange(
            after.Name,
            // A timer's run is not cut short for it: the next one is made by the new manifest.
            differences.Any(d => d.Effect == FieldEffect.Restart) && !(before.Kind == ServiceKind.Timer && after.Kind == ServiceKind.Timer) ? ChangeKind.Restarted : ChangeKind.Adjusted,
            [.. differences.Select(d => d.Path)]);
    }

    // What is adjusted and follows is restarted for the other's sake, and says so.
    private static void Follow(Dictionary<string, ServiceChange> changes, string name, string changed)
    {
        if (!changes.TryGetValue(name, out var own))
        {
            changes.Add(name, new ServiceChange(name, ChangeKind.Follows, [], changed));
        }
        else if (own is { Kind: ChangeKind.Adjusted })
        {
            changes[name] = own with { Kind = ChangeKind.Follows, With = changed };
        }
    }
}
