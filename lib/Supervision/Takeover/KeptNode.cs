using System.Collections.Immutable;

namespace Strata.Supervision;

/// <summary>What a supervisor leaves to whoever comes after it, written before anything that follows from it is done.</summary>
/// <param name="Boot">The boot of the machine, without which no pid means anything.</param>
/// <param name="Generation">Counts the supervisors that took over from one another, from 1.</param>
/// <param name="Services">The services, in any order.</param>
public sealed record KeptNode(string Boot, int Generation, ImmutableArray<KeptService> Services)
{
    /// <summary>The most that may be kept of services: those of a node, and as many that have left it.</summary>
    public const int MaxServices = 2 * ManifestLimits.MaxServices;

    /// <summary>Whether the node was on its way down.</summary>
    public bool ShuttingDown { get; init; }

    /// <summary>The highest incarnation of any service that is not declared any more.</summary>
    public int LastIncarnation { get; init; }

    /// <summary>Whether processes end with their supervisor.</summary>
    public bool ChildrenEnd { get; init; }

    /// <summary>The service's record; null when there is none.</summary>
    public KeptService? Of(string name) => Services.FirstOrDefault(service => service.Name == name);
}
