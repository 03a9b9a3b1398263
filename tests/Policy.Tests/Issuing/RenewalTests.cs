namespace Strata.Policy.Tests;

public class RenewalTests
{
    private static readonly DateTimeOffset Half = Samples.Now.AddMinutes(30);
    private static readonly DateTimeOffset LastEnd = Samples.Now.AddDays(1);

    [Fact]
    public void A_capability_is_renewed_for_as_long_as_it_was_issued()
    {
        var renewed = Renewed(Half.AddMilliseconds(700), ttl: null);
        Assert.Equal(Samples.Claims with { IssuedAt = Half, ExpiresAt = Half.AddHours(1), Since = Samples.Now }, renewed);
        Assert.Equal(Samples.Now, Renewed(renewed, Half.AddMinutes(1)).Began);
    }

    [Fact]
    public void Another_lifetime_may_be_asked_for_a_shorter_one_too() =>
        Assert.Equal(Half.AddSeconds(10), Renewed(Half, TimeSpan.FromSeconds(10)).ExpiresAt);

    [Fact]
    public void It_ends_within_the_longest_lifetime_from_when_its_line_began()
    {
        Assert.Equal(LastEnd, Renewed(Half, LastEnd - Half).ExpiresAt);
        AssertRefused(Half, LastEnd - Half + TimeSpan.FromSeconds(1));
        Assert.Equal(LastEnd, Renewed(LastEnd.AddMinutes(-5), ttl: null).ExpiresAt);
        AssertRefused(LastEnd, ttl: null);
    }

    [Fact]
    public void It_ends_within_the_one_it_was_derived_from()
    {
        var parentEnds = Half.AddMinutes(45);
        Assert.Equal(parentEnds, Renewed(Half, ttl: null, parentEnds).ExpiresAt);
        Assert.Equal(parentEnds, Renewed(Half, parentEnds - Half, parentEnds).ExpiresAt);
        AssertRefused(Half, parentEnds - Half + TimeSpan.FromSeconds(1), parentEnds);
        Assert.Equal(LastEnd, Renewed(Half, LastEnd - Half, LastEnd.AddDays(1)).ExpiresAt);
    }

    [Fact]
    public void A_renewal_that_names_no_lifetime_takes_nothing_away()
    {
        Assert.Equal(Samples.Claims.ExpiresAt, Renewed(Half, ttl: null, Samples.Claims.ExpiresAt).ExpiresAt);
        AssertRefused(Half, ttl: null, Samples.Claims.ExpiresAt.AddSeconds(-1));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    public void A_lifetime_that_is_none_is_refused(int seconds) => AssertRefused(Half, TimeSpan.FromSeconds(seconds));

    [Fact]
    public void A_longest_lifetime_beyond_all_reason_counts_as_ten_years()
    {
        var limits = new IssueLimits { MaxTtlSeconds = long.MaxValue };
        var longest = TimeSpan.FromSeconds(IssueLimits.AbsoluteMaxTtlSeconds);
        Assert.True(Renewal.TryRenew(Samples.Claims, longest, null, limits, Samples.Now, out var renewed, out _));
        Assert.Equal(Samples.Now + longest, renewed.ExpiresAt);
        Assert.False(Renewal.TryRenew(Samples.Claims, longest + TimeSpan.FromSeconds(1), null, limits, Samples.Now, out _, out _));
    }

    [Fact]
    public void A_capability_for_one_call_is_not_renewed()
    {
        var once = Samples.Claims with { Constraints = Samples.Claims.Constraints with { Once = true } };
        Assert.False(Renewal.TryRenew(once, null, null, IssueLimits.Default, Half, out var renewed, out var excess));
        Assert.Null(renewed);
        Assert.Equal("once: allows one call: this capability is not renewed", excess.ToString());
    }

    private static CapabilityClaims Renewed(DateTimeOffset now, TimeSpan? ttl, DateTimeOffset? parentEnds = null) => Renewed(Samples.Claims, now, ttl, parentEnds);

    private static CapabilityClaims Renewed(CapabilityClaims claims, DateTimeOffset now, TimeSpan? ttl = null, DateTimeOffset? parentEnds = null)
    {
        Assert.True(Renewal.TryRenew(claims, ttl, parentEnds, IssueLimits.Default, now, out var renewed, out var excess), excess?.ToString());
        return renewed;
    }

    private static void AssertRefused(DateTimeOffset now, TimeSpan? ttl, DateTimeOffset? parentEnds = null)
    {
        Assert.False(Renewal.TryRenew(Samples.Claims, ttl, parentEnds, IssueLimits.Default, now, out var renewed, out var excess));
        Assert.Null(renewed);
        Assert.Equal("ttl_seconds", excess.Field);
        Assert.StartsWith("must end within the longest lifetime of the capability", excess.Message, StringComparison.Ordinal);
    }
}
