using System.Diagnostics.CodeAnalysis;

namespace Strata.Policy;

/// <summary>Gives a capability a later end, within the longest lifetime counted from when its line began, and within its parent's.</summary>
public static class Renewal
{
    /// <summary>Renews.</summary>
    /// <param name="claims">The capability.</param>
    /// <param name="ttl">Lifetime from now; null for that of the token, as far as it may go.</param>
    /// <param name="parentEnds">When the parent ends; null for a root.</param>
    /// <param name="limits">What the node allows.</param>
    /// <param name="now">The time.</param>
    /// <param name="renewed">The same capability with new dates, when the answer is true.</param>
    /// <param name="excess">What was too much, when the answer is false.</param>
    public static bool TryRenew(
        CapabilityClaims claims,
        TimeSpan? ttl,
        DateTimeOffset? parentEnds,
        IssueLimits limits,
        DateTimeOffset now,
        [NotNullWhen(true)] out CapabilityClaims? renewed,
        [NotNullWhen(false)] out FieldFault? excess)
    {
        renewed = null;
        if (claims.Constraints.Once)
        {
            excess = new FieldFault("once", "allows one call: this capability is not renewed");
            return false;
        }

        var issuedAt = new DateTimeOffset(now.UtcTicks - (now.UtcTicks % TimeSpan.TicksPerSecond), TimeSpan.Zero);
        var last = claims.Began + TimeSpan.FromSeconds(Math.Min(limits.MaxTtlSeconds, IssueLimits.AbsoluteMaxTtlSeconds));
        last = Earlier(last, parentEnds ?? last);
        var wished = issuedAt + (ttl ?? (claims.ExpiresAt - claims.IssuedAt));
        var ends = ttl is null ? Earlier(wished, last) : wished;
        if (ends > last || ends <= issuedAt || (ttl is null && ends < claims.ExpiresAt))
        {
            excess = new FieldFault("ttl_seconds", "must end within the longest lifetime of the capability, counted from when it was first issued, and no later than the one it was derived from; ask for a new one");
            return false;
        }

        excess = null;
        renewed = claims with { IssuedAt = issuedAt, ExpiresAt = ends, Since = claims.Began };
        return true;
    }

    private static DateTimeOffset Earlier(params DateTimeOffset[] times) => times.Min();
}
