namespace Strata.Sandbox;

/// <summary>The bounds of a bridge. How fast bytes go is not bounded.</summary>
internal sealed record BridgeLimits
{
    /// <summary>Connections of one session that the kernel keeps at once; a flow of UDP counts as one while it lasts.</summary>
    internal int MaxConnections { get; init; } = 512;

    /// <summary>Denials of one session that the kernel tells of within a minute; all are counted.</summary>
    internal int ToldDenials { get; init; } = 60;
}
