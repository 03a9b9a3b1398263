namespace Strata.Policy.Tests;

public class PeekTests
{
    private const long Second = 10_000_000;

    private static readonly CapabilityClaims Child = Samples.Claims with
    {
        Constraints = Samples.Claims.Constraints with { RateLimit = new RateLimit(2) },
        Chain = CapabilityChain.Of(new Ancestor(Samples.CapIdOf(1), RateLimit: new RateLimit(3)), new Ancestor(Samples.CapIdOf(2))),
    };

    [Fact]
    public void Asking_says_what_spending_would_and_spends_nothing()
    {
        var random = new Random(7);
        var limiter = new RateLimiter(Second);
        for (long now = 0; now < 200 * Second; now += random.NextInt64(Second / 2))
        {
            var claims = random.Next(2) == 0 ? Child : Child with { CapabilityId = Samples.CapIdOf(9) };
            var asked = limiter.Peek(claims, now);
            Assert.Equal(asked, limiter.Peek(claims, now));
            Assert.Equal(asked, limiter.TrySpend(claims, now));
        }
    }

    [Fact]
    public void A_rate_above_is_asked_too()
    {
        var limiter = new RateLimiter(Second);
        var other = Child with { CapabilityId = Samples.CapIdOf(9) };
        Assert.True(limiter.TrySpend(Child, 0).IsAllowed && limiter.TrySpend(other, 0).IsAllowed && limiter.TrySpend(other, 0).IsAllowed);
        Assert.Equal(DenyReason.RateLimited, limiter.Peek(Child, 0).Reason);
        Assert.True(limiter.Peek(Child with { Chain = CapabilityChain.Empty }, 0).IsAllowed);
    }

    [Fact]
    public void Asking_takes_no_place_and_says_when_there_is_none()
    {
        var limiter = new RateLimiter(Second, maxBuckets: 1);
        var (first, second) = (Samples.Claims, Samples.Claims with { CapabilityId = Samples.CapIdOf(9) });
        Assert.True(limiter.Peek(first, 0).IsAllowed);
        Assert.Equal(0, limiter.Count);
        Assert.True(limiter.TrySpend(first, 0).IsAllowed);
        Assert.Equal(limiter.Peek(second, 0), limiter.TrySpend(second, 0));
        Assert.Equal(DenyReason.RateLimiterFull, limiter.Peek(second, 0).Reason);
        Assert.True(limiter.Peek(second, Second).IsAllowed);
        Assert.True(limiter.Peek(first, Second).IsAllowed);
    }

    [Fact]
    public void A_decision_allocates_nothing()
    {
        var (claims, request) = (Samples.Bound(Samples.Claims), Samples.BoundRequest with { NeedsPath = false });
        Authorizer.Authorize(claims, request);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++)
        {
            Authorizer.Authorize(claims, request);
        }

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    [Fact]
    public void What_revoked_a_capability_is_found_by_id_ancestor_or_rule()
    {
        var revocations = new RevocationSet();
        Assert.Null(revocations.CauseOf(Child));
        revocations.AddRule(new RevocationRule(RevocationScope.Subject, Child.Subject, Samples.Now, Samples.Now.AddDays(1)));
        Assert.Equal($"subject {Child.Subject}", revocations.CauseOf(Child));
        revocations.Add(new RevokedCapability(Samples.CapIdOf(2), Samples.Now.AddDays(1)));
        Assert.Equal($"cap_id {Samples.CapIdOf(2)}", revocations.CauseOf(Child));
    }
}
