using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Strata.Supervision;

/// <summary>
/// Who depends on whom, checked. Hard and soft dependencies both order starts and stops, <see cref="After"/> only starts; only
/// hard ones must exist.
/// </summary>
public sealed class DependencyGraph
{
    private readonly ImmutableDictionary<string, ImmutableArray<string>> _requires;
    private readonly ImmutableDictionary<string, ImmutableArray<string>> _wants;
    private readonly ImmutableDictionary<string, ImmutableArray<string>> _after;
    private readonly ImmutableDictionary<string, ImmutableArray<string>> _dependants;
    private readonly ImmutableDictionary<string, ImmutableArray<string>> _restartedWith;

    private DependencyGraph(Dictionary<string, ServiceManifest> services, ImmutableArray<ImmutableArray<string>> levels)
    {
        Levels = levels;
        StartOrder = [.. levels.SelectMany(level => level)];
        StopOrder = [.. StartOrder.Reverse()];
        _requires = services.ToImmutableDictionary(s => s.Key, s => s.Value.EffectiveRequires, StringComparer.Ordinal);
        _wants = Present(services, s => s.Wants);
        _after = Present(services, s => s.After);
        _restartedWith = StrategyGroups.Of(services, StartOrder);
        _dependants = services.Keys.ToImmutableDictionary(
            name => name,
            name => StartOrder.Where(other => _requires[other].Contains(name) || _wants[other].Contains(name)).ToImmutableArray(),
            StringComparer.Ordinal);
    }

    /// <summary>Services that may start together, level by level; inside a level by name.</summary>
    public ImmutableArray<ImmutableArray<string>> Levels { get; }

    /// <summary>Every service after all it depends on or comes after.</summary>
    public ImmutableArray<string> StartOrder { get; }

    /// <summary>The reverse: every service before all it depends on.</summary>
    public ImmutableArray<string> StopOrder { get; }

    /// <summary>Hard dependencies of <paramref name="name"/>.</summary>
    public ImmutableArray<string> Requires(string name) => _requires[name];

    /// <summary>Soft dependencies of <paramref name="name"/> that are present on this node.</summary>
    public ImmutableArray<string> Wants(string name) => _wants[name];

    /// <summary>Services present on this node that <paramref name="name"/> comes after without depending on them.</summary>
    public ImmutableArray<string> After(string name) => _after[name];

    /// <summary>Services that depend on <paramref name="name"/> directly, hard or soft, in start order.</summary>
    public ImmutableArray<string> Dependants(string name) => _dependants[name];

    /// <summary>Services that its <see cref="RestartStrategy"/> restarts when <paramref name="name"/> crashes, in start order.</summary>
    public ImmutableArray<string> RestartedWith(string name) => _restartedWith[name];

    /// <summary>Builds the graph, or names every unknown hard dependency, or one cycle.</summary>
    /// <param name="manifests">Individually valid manifests with distinct names.</param>
    /// <param name="graph">The graph; null when there are faults.</param>
    /// <param name="faults">What is wrong; empty when nothing is.</param>
    public static bool TryCreate(
        IEnumerable<ServiceManifest> manifests, [NotNullWhen(true)] out DependencyGraph? graph, out ImmutableArray<ManifestFault> faults)
    {
        graph = null;
        var services = manifests.ToDictionary(m => m.Name, StringComparer.Ordinal);
        faults = FaultsOf(services.Values);
        if (!faults.IsEmpty)
        {
            return false;
        }

        graph = new DependencyGraph(services, TopologicalLevels.Of(EdgesOf(services)));
        return true;
    }

    /// <summary>What is wrong with the dependencies of manifests that may have faults of their own: unknown names, and one cycle.</summary>
    internal static ImmutableArray<ManifestFault> FaultsOf(IEnumerable<ServiceManifest> manifests)
    {
        // Lists that are none and names that are taken twice are faults that others report.
        var services = manifests.Where(m => m.Name is not null && !m.Requires.IsDefault && !m.Wants.IsDefault && !m.After.IsDefault)
            .DistinctBy(m => m.Name, StringComparer.Ordinal).ToDictionary(m => m.Name, StringComparer.Ordinal);
        var cycle = CyclePath.Find(EdgesOf(services));
        return cycle is [var first, var second, ..]
            ? [.. Unknown(services), new(first, "requires", $"dependency cycle: {string.Join(" -> ", cycle)}; remove one of these from requires, wants or after") { Item = ItemOf(services[first], second) }]
            : Unknown(services);
    }

    private static Dictionary<string, string[]> EdgesOf(Dictionary<string, ServiceManifest> services) => services.ToDictionary(
        s => s.Key,
        s => s.Value.EffectiveRequires.Concat(s.Value.Wants).Concat(s.Value.After).Where(name => name is not null && name != s.Key && services.ContainsKey(name)).Order(StringComparer.Ordinal).ToArray(),
        StringComparer.Ordinal);

    private static ImmutableDictionary<string, ImmutableArray<string>> Present(
        Dictionary<string, ServiceManifest> services, Func<ServiceManifest, ImmutableArray<string>> names) =>
        services.ToImmutableDictionary(s => s.Key, s => names(s.Value).Where(services.ContainsKey).ToImmutableArray(), StringComparer.Ordinal);

    private static ImmutableArray<ManifestFault> Unknown(Dictionary<string, ServiceManifest> services) =>
    [
        .. from service in services.Values.OrderBy(s => s.Name, StringComparer.Ordinal)
           from name in service.Requires
           where ManifestValidator.IsServiceName(name) && !services.ContainsKey(name)
           select new ManifestFault(service.Name, "requires", $"{name} is not a declared service{NearestName.Hint(name, services.Keys.Where(known => known != service.Name))}")
           {
               Item = ItemOf(service, name),
           },
    ];

    private static string ItemOf(ServiceManifest service, string name)
    {
        var (field, index) = new[] { ("requires", service.Requires), ("wants", service.Wants), ("after", service.After) }
            .Select(list => (list.Item1, list.Item2.IndexOf(name))).FirstOrDefault(place => place.Item2 >= 0, ("capabilities", -1));
        return index < 0 ? field : string.Create(CultureInfo.InvariantCulture, $"{field}[{index}]");
    }
}
