namespace Strata.Sandbox;

/// <summary>How much one archive may make of itself.</summary>
internal sealed record UnpackLimits
{
    /// <summary>The most bytes that an archive unpacks to, its own headers among them.</summary>
    internal long MaxBytes { get; init; } = 8L << 30;

    /// <summary>Most entries.</summary>
    internal int MaxEntries { get; init; } = 1_000_000;

    /// <summary>The longest path in bytes; the kernel's own bound.</summary>
    internal int MaxPathBytes { get; init; } = 4095;

    /// <summary>How many directories deep an entry may lie.</summary>
    internal int MaxDepth { get; init; } = 128;

    /// <summary>How many times longer than what is packed the unpacked may be, once it is longer than <see cref="FreeBytes"/>.</summary>
    internal int MaxRatio { get; init; } = 200;

    /// <summary>Bytes for which no ratio is asked.</summary>
    internal long FreeBytes { get; init; } = 64L << 20;

    /// <summary>Most extended attributes of an entry.</summary>
    internal int MaxAttributes { get; init; } = 32;

    /// <summary>The longest value of an extended attribute.</summary>
    internal int MaxAttributeBytes { get; init; } = 4096;
}
