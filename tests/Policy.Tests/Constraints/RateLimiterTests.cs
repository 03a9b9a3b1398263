namespace Strata.Policy.Tests;

public class RateLimiterTests
{
    private const long Second = 1_000_000_000;
    private const long Start = 123 * Second;

    private static readonly RateLimit Ten = new(10);

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(7)]
    [InlineData(50)]
    [InlineData(1000)]
    [InlineData(999_983)]
    [InlineData(RateLimit.MaxPerSecond)]
    public void A_fresh_bucket_holds_one_second_of_requests_and_no_more(int perSecond)
    {
        var limiter = new RateLimiter(Second);
        var limit = new RateLimit(perSecond);
        for (var i = 0; i < perSecond; i++)
        {
            Assert.True(limiter.TrySpend("a", limit, Start).IsAllowed);
        }

        var denied = limiter.TrySpend("a", limit, Start);
        Assert.False(denied.IsAllowed);
        Assert.Equal(DenyReason.RateLimited, denied.Reason);
    }

    [Fact]
    public void Waiting_as_long_as_told_is_enough_and_no_shorter_wait_is()
    {
        var limiter = new RateLimiter(Second);
        var now = Exhaust(limiter, "a");
        var wait = limiter.TrySpend("a", Ten, now).RetryAfter;
        Assert.Equal(TimeSpan.FromMilliseconds(100), wait);
        Assert.False(limiter.TrySpend("a", Ten, now + (Second / 10) - 1).IsAllowed);
        Assert.True(limiter.TrySpend("a", Ten, now + (Second / 10)).IsAllowed);
    }

    [Fact]
    public void A_denied_request_costs_nothing()
    {
        var limiter = new RateLimiter(Second);
        var now = Exhaust(limiter, "a");
        for (var i = 0; i < 1000; i++)
        {
            Assert.False(limiter.TrySpend("a", Ten, now).IsAllowed);
        }

        Assert.True(limiter.TrySpend("a", Ten, now + (Second / 10)).IsAllowed);
    }

    [Fact]
    public void Over_any_time_no_more_passes_than_the_rate_and_one_burst()
    {
        var random = new Random(11);
        foreach (var perSecond in new[] { 1, 3, 10, 333 })
        {
            var limiter = new RateLimiter(Second);
            var limit = new RateLimit(perSecond);
            var (now, passed) = (Start, 0);
            for (var i = 0; i < 20_000; i++)
            {
                passed += limiter.TrySpend("a", limit, now).IsAllowed ? 1 : 0;
                now += random.NextInt64(2 * Second / (perSecond * 3));
            }

            Assert.InRange(passed, 1, perSecond + ((double)(now - Start) / Second * perSecond));
        }
    }

    [Fact]
    public void Capabilities_do_not_share_a_bucket()
    {
        var limiter = new RateLimiter(Second);
        var now = Exhaust(limiter, "a");
        Assert.True(limiter.TrySpend("b", Ten, now).IsAllowed);
    }

    [Fact]
    public void A_clock_that_seems_to_step_back_gives_nothing_away()
    {
        var limiter = new RateLimiter(Second);
        var now = Exhaust(limiter, "a");
        Assert.False(limiter.TrySpend("a", Ten, now - (Second / 2)).IsAllowed);
        Assert.False(limiter.TrySpend("a", Ten, now).IsAllowed);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(RateLimit.MaxPerSecond + 1)]
    public void A_rate_that_is_none_allows_nothing(int perSecond) =>
        Assert.Equal(DenyReason.RateLimited, new RateLimiter(Second).TrySpend("a", new RateLimit(perSecond), Start).Reason);

    [Fact]
    public void A_full_table_denies_the_newcomer_and_never_resets_a_bucket()
    {
        const int max = 4;
        var limiter = new RateLimiter(Second, max);
        for (var i = 0; i < max; i++)
        {
            Exhaust(limiter, $"holder{i}");
        }

        for (var i = 0; i < 1000; i++)
        {
            var outcome = limiter.TrySpend($"crowd{i}", Ten, Start);
            Assert.Equal(DenyReason.RateLimiterFull, outcome.Reason);
            Assert.Equal(TimeSpan.FromSeconds(1), outcome.RetryAfter);
        }

        Assert.Equal(max, limiter.Count);
        for (var i = 0; i < max; i++)
        {
            Assert.Equal(DenyReason.RateLimited, limiter.TrySpend($"holder{i}", Ten, Start).Reason);
        }
    }

    [Fact]
    public void A_bucket_that_is_full_again_makes_room()
    {
        const int max = 4;
        var limiter = new RateLimiter(Second, max);
        for (var i = 0; i < max; i++)
        {
            Exhaust(limiter, $"holder{i}");
        }

        for (var i = 0; i < 100; i++)
        {
            var later = Start + (Second * (i + 1));
            Assert.True(limiter.TrySpend($"new{i}", Ten, later).IsAllowed);
            Assert.Equal(max, limiter.Count);
        }
    }

    [Fact]
    public void Under_random_use_the_table_stays_bounded_and_every_holder_within_its_rate()
    {
        var random = new Random(5);
        var limiter = new RateLimiter(Second, maxBuckets: 8);
        var passed = new Dictionary<int, int>();
        var now = Start;
        for (var i = 0; i < 50_000; i++)
        {
            var holder = random.Next(12);
            if (limiter.TrySpend($"cap{holder}", Ten, now).IsAllowed)
            {
                passed[holder] = passed.GetValueOrDefault(holder) + 1;
            }

            now += random.Next((int)(Second / 50));
            Assert.InRange(limiter.Count, 1, 8);
        }

        var most = 10 + ((double)(now - Start) / Second * 10);
        Assert.All(passed.Values, count => Assert.InRange(count, 1, most));
    }

    [Fact]
    public async Task Many_threads_together_get_no_more_than_one_would()
    {
        var limiter = new RateLimiter(Second);
        var limit = new RateLimit(1000);
        var passed = 0;
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() =>
        {
            for (var i = 0; i < 1000; i++)
            {
                if (limiter.TrySpend("a", limit, Start).IsAllowed)
                {
                    Interlocked.Increment(ref passed);
                }
            }
        })));
        Assert.Equal(1000, passed);
    }

    [Fact]
    public void A_limiter_tracks_one_capability_at_least_by_a_clock_that_tells_requests_apart()
    {
        Assert.True(new RateLimiter(RateLimit.MaxPerSecond, 1).TrySpend("a", Ten, Start).IsAllowed);
        Assert.Throws<ArgumentOutOfRangeException>(() => new RateLimiter(RateLimit.MaxPerSecond - 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new RateLimiter(RateLimit.MaxPerSecond, 0));
    }

    [Fact]
    public void A_clock_whose_second_is_no_multiple_of_the_rate_rounds_against_the_holder()
    {
        const long odd = 10_000_001;
        var limiter = new RateLimiter(odd);
        for (var i = 0; i < Ten.PerSecond; i++)
        {
            Assert.True(limiter.TrySpend("a", Ten, 0).IsAllowed);
        }

        Assert.False(limiter.TrySpend("a", Ten, 1_000_000).IsAllowed);
        Assert.True(limiter.TrySpend("a", Ten, 1_000_001).IsAllowed);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void A_rate_anywhere_in_the_family_is_spent_by_the_whole_of_it(int limited)
    {
        var one = new RateLimit(1);
        Ancestor Link(int i) => new(Samples.CapIdOf(i), null, i == limited ? one : null);
        var child = Samples.Claims with { Constraints = new() { RateLimit = limited == 2 ? one : null }, Chain = CapabilityChain.Of(Link(0), Link(1)) };
        var limiter = new RateLimiter(Second);
        Assert.True(limiter.TrySpend(child, Start).IsAllowed);
        Assert.Equal(DenyReason.RateLimited, limiter.TrySpend(child, Start).Reason);
    }

    [Fact]
    public void The_shortest_wait_is_told_as_a_tick()
    {
        var limiter = new RateLimiter(TimeSpan.TicksPerSecond);
        for (var i = 0; i < Ten.PerSecond; i++)
        {
            Assert.True(limiter.TrySpend("a", Ten, 0).IsAllowed);
        }

        Assert.Equal(TimeSpan.FromTicks(1), limiter.TrySpend("a", Ten, (TimeSpan.TicksPerSecond / 10) - 1).RetryAfter);
    }

    private static long Exhaust(RateLimiter limiter, string capabilityId)
    {
        for (var i = 0; i < Ten.PerSecond; i++)
        {
            Assert.True(limiter.TrySpend(capabilityId, Ten, Start).IsAllowed);
        }

        return Start;
    }
}
