using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Strata.Supervision;

/// <summary>
/// A set of manifests that was checked as a whole, with the order they start in. The machine accepts nothing else, so an
/// invalid manifest cannot be run by forgetting to validate it.
/// </summary>
public sealed class NodePlan
{
    /// <summary>The name no service may take.</summary>
    public const string SupervisorName = "supervisor";

    /// <summary>The service that holds the registrations of all others, when a manifest of this name is present.</summary>
    public const string RegistryName = "registry";

    /// <summary>The service that issues capabilities.</summary>
    public const string IdentityName = "identity";

    /// <summary>The right to pass capabilities on, which goes with any service.</summary>
    public const string PassingOnRight = "identity.issue";

    private NodePlan(ImmutableDictionary<string, ServiceManifest> manifests, DependencyGraph graph)
    {
        Manifests = manifests;
        Graph = graph;
    }

    /// <summary>The manifests by name.</summary>
    public ImmutableDictionary<string, ServiceManifest> Manifests { get; }

    /// <summary>Who depends on whom.</summary>
    public DependencyGraph Graph { get; }

    /// <summary>Checks every manifest and the set as a whole.</summary>
    /// <param name="manifests">The services; at most <see cref="ManifestLimits.MaxServices"/>.</param>
    /// <param name="plan">The plan; null when there are faults.</param>
    /// <param name="faults">Every fault found; empty when there is none.</param>
    public static bool TryCreate(
        IEnumerable<ServiceManifest> manifests, [NotNullWhen(true)] out NodePlan? plan, out ImmutableArray<ManifestFault> faults)
    {
        plan = null;
        var all = manifests.Take(ManifestLimits.MaxServices + 1).ToImmutableArray();
        if (all.Length > ManifestLimits.MaxServices)
        {
            faults = [new("", "services", string.Create(CultureInfo.InvariantCulture, $"at most {ManifestLimits.MaxServices} on one node"))];
            return false;
        }

        faults = [.. all.SelectMany(m => ManifestValidator.Validate(m)), .. Twins(all, "name", m => m.Name), .. Twins(all, "socket.name", m => m.EffectiveSocketName), .. DependencyGraph.FaultsOf(all), .. CapabilityChecks.FaultsOf(all), .. TimerChecks.OfRequirers(all)];
        if (!faults.IsEmpty)
        {
            return false;
        }

        if (DependencyGraph.TryCreate(all, out var graph, out faults))
        {
            plan = new NodePlan(all.ToImmutableDictionary(m => m.Name, StringComparer.Ordinal), graph);
        }

        return plan is not null;
    }

    /// <summary>This plan and services that are no longer part of it but have not ended; they depend on nobody any more.</summary>
    internal NodePlan With(IEnumerable<ServiceManifest> leaving) =>
        Of(Manifests.AddRange(leaving.Select(m => KeyValuePair.Create(m.Name, m with { Requires = [], Wants = [], After = [], Capabilities = [] }))));

    /// <summary>This plan without services that nobody requires.</summary>
    internal NodePlan Without(IEnumerable<string> names) => Of(Manifests.RemoveRange(names));

    private static NodePlan Of(ImmutableDictionary<string, ServiceManifest> manifests) =>
        DependencyGraph.TryCreate(manifests.Values, out var graph, out var faults)
            ? new NodePlan(manifests, graph)
            : throw new InvalidOperationException($"a checked plan has become faulty: {string.Join("; ", faults)}");

    private static IEnumerable<ManifestFault> Twins(
        ImmutableArray<ServiceManifest> all, string field, Func<ServiceManifest, string?> key) =>
        all.GroupBy(m => key(m) ?? "", StringComparer.Ordinal)
            .Where(group => group.Key.Length > 0 && group.Count() > 1)
            .Select(group => new ManifestFault(group.Last().Name, field, $"{group.Key} is declared by more than one manifest: {string.Join(", ", group.Select(m => m.Name))}"));
}
