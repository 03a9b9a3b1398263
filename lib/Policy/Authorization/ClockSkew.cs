namespace Strata.Policy;

/// <summary>How far two clocks may differ before it matters.</summary>
public static class ClockSkew
{
    /// <summary>The default: 30 seconds.</summary>
    public static TimeSpan Default { get; } = TimeSpan.FromSeconds(30);

    /// <summary>The most that is ever allowed: 5 minutes. Larger values count as this one.</summary>
    public static TimeSpan Max { get; } = TimeSpan.FromMinutes(5);

    /// <summary>Brings a skew into its range, 0 to <see cref="Max"/>.</summary>
    public static TimeSpan Clamp(TimeSpan skew) => TimeSpan.FromTicks(Math.Clamp(skew.Ticks, 0, Max.Ticks));

    /// <summary>Whether a capability is expired, not valid yet, before its time, or none of these (<see cref="DenyReason.None"/>).</summary>
    internal static DenyReason CheckLifetime(CapabilityClaims claims, DateTimeOffset now, TimeSpan skew)
    {
        var nowTicks = now.UtcTicks;
        var skewTicks = Clamp(skew).Ticks;
        if (nowTicks - skewTicks >= claims.ExpiresAt.UtcTicks)
        {
            return DenyReason.Expired;
        }

        if (claims.IssuedAt.UtcTicks - skewTicks > nowTicks)
        {
            return DenyReason.NotYetValid;
        }

        // A deliberate beginning, not a difference of clocks: no skew.
        return claims.Constraints.NotBefore is { } notBefore && nowTicks < notBefore.UtcTicks ? DenyReason.NotBefore : DenyReason.None;
    }
}
