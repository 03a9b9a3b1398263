namespace Strata.Sandbox;

/// <summary>The bounds of snapshots.</summary>
internal sealed record SnapshotLimits
{
    /// <summary>Most snapshots of one owner.</summary>
    internal int MaxOfOwner { get; init; } = 100;

    /// <summary>Most bytes of all snapshots of one owner; shared blocks count with each. <c>STRATA_SANDBOX_SNAPSHOTS_MB</c>.</summary>
    internal long MaxBytesOfOwner { get; init; } = 50L << 30;

    /// <summary>Most entries of one.</summary>
    internal long MaxFiles { get; init; } = 2_000_000;

    /// <summary>Most that are taken, or made a session of, at once; others wait.</summary>
    internal int MaxCopying { get; init; } = 4;
}
