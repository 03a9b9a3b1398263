namespace Strata.Policy;

/// <summary>Whether a request may be spent. The default value is a denial.</summary>
/// <param name="IsAllowed">Whether it may.</param>
/// <param name="Reason"><see cref="DenyReason.RateLimited"/>, <see cref="DenyReason.RateLimiterFull"/>, or none when allowed.</param>
/// <param name="RetryAfter">The soonest time at which trying again can succeed; zero when allowed.</param>
public readonly record struct RateOutcome(bool IsAllowed, DenyReason Reason, TimeSpan RetryAfter)
{
    /// <summary>It may be spent.</summary>
    public static RateOutcome Allowed { get; } = new(true, DenyReason.None, TimeSpan.Zero);
}
