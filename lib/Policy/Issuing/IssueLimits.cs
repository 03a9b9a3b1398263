namespace Strata.Policy;

/// <summary>What a node allows at issue.</summary>
public sealed record IssueLimits
{
    /// <summary>The defaults.</summary>
    public static IssueLimits Default { get; } = new();

    /// <summary>For what is bounded by another capability instead.</summary>
    internal static IssueLimits Widest { get; } = new() { MaxTtlSeconds = AbsoluteMaxTtlSeconds };

    /// <summary>The most that can be configured as <see cref="MaxTtlSeconds"/>: ten years. Larger values count as this one.</summary>
    public const long AbsoluteMaxTtlSeconds = 10L * 366 * 86_400;

    /// <summary>Lifetime when the request names none: default 3600 seconds.</summary>
    public long DefaultTtlSeconds { get; init; } = 3600;

    /// <summary>Longest lifetime: default 86 400 seconds, 24 hours.</summary>
    public long MaxTtlSeconds { get; init; } = 86_400;
}
