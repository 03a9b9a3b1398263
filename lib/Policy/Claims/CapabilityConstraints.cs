namespace Strata.Policy;

/// <summary>What limits a capability beyond its rights.</summary>
public sealed record CapabilityConstraints
{
    /// <summary>No constraints at all. Not the same as "everything": without a prefix no path is allowed.</summary>
    public static CapabilityConstraints None { get; } = new();

    /// <summary>The folder all paths must lie beneath; null means that no path is allowed.</summary>
    public PathPrefix? PathPrefix { get; init; }

    /// <summary>Requests a second; null means no limit by this capability.</summary>
    public RateLimit? RateLimit { get; init; }

    /// <summary>Names of constraints this version does not know. Any at all denies: what cannot be checked cannot be granted.</summary>
    public NameList Unknown { get; init; } = NameList.Empty;
}
