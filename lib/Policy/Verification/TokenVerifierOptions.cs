namespace Strata.Policy;

/// <summary>How a <see cref="TokenVerifier"/> works.</summary>
public sealed record TokenVerifierOptions
{
    /// <summary>The defaults.</summary>
    public static TokenVerifierOptions Default { get; } = new();

    /// <summary>
    /// Most tokens remembered: default 4096, 0 (none) to 1 048 576. Rounded up to a multiple of 8, the width of a cache set.
    /// </summary>
    public int MaxCachedTokens { get; init; } = 4096;

    /// <summary>
    /// Longest token remembered, in bytes: default 2048. A longer one is verified anew each time. With
    /// <see cref="MaxCachedTokens"/> it bounds the cache's memory, by default to 8 MiB of tokens.
    /// </summary>
    public int MaxCachedTokenBytes { get; init; } = 2048;

    /// <summary>How far clocks may differ; brought into the range of <see cref="Policy.ClockSkew"/>.</summary>
    public TimeSpan ClockSkew { get; init; } = Policy.ClockSkew.Default;

    /// <summary>How claims are read; strict by default.</summary>
    public ClaimsRules Claims { get; init; } = ClaimsRules.Strict;
}
