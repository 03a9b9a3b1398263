namespace Strata.Supervision.Tests;

public sealed class LineRateTests
{
    [Fact]
    public void A_burst_passes_and_one_line_more_is_lost()
    {
        var rate = new LineRate(10, TimeSpan.Zero);
        Assert.Equal(10 * LineRate.BurstSeconds, Enumerable.Range(0, 100).Count(_ => rate.TryTake(1, TimeSpan.Zero)));
        Assert.Equal(80, rate.Lost);
        Assert.Equal(TimeSpan.FromSeconds(1), rate.CalmAt);
    }

    [Fact]
    public void What_was_lost_is_told_once_and_only_when_it_is_calm()
    {
        var rate = new LineRate(10, TimeSpan.Zero);
        Assert.Equal(0, rate.TakeLost(TimeSpan.FromHours(1)));
        _ = Enumerable.Range(0, 25).Count(_ => rate.TryTake(1, TimeSpan.Zero));
        Assert.Equal(0, rate.TakeLost(TimeSpan.FromMilliseconds(999)));
        Assert.False(rate.TryTake(1, TimeSpan.FromMilliseconds(999)));
        Assert.Equal(6, rate.TakeLost(TimeSpan.FromSeconds(1)));
        Assert.Equal(0, rate.TakeLost(TimeSpan.FromSeconds(1)));
        Assert.True(rate.TryTake(1, TimeSpan.FromSeconds(1)));
        Assert.Null(rate.CalmAt);
    }

    [Fact]
    public void A_long_line_counts_for_several_and_passes_a_full_bucket_whatever_it_costs()
    {
        var rate = new LineRate(1, TimeSpan.Zero);
        Assert.True(rate.TryTake(LineSplitter.MaxLineBytes, TimeSpan.Zero));
        Assert.False(rate.TryTake(1, TimeSpan.Zero));
        var many = new LineRate(10, TimeSpan.Zero);
        Assert.Equal(10, Enumerable.Range(0, 100).Count(_ => many.TryTake(LineRate.BytesPerLine, TimeSpan.Zero)));
    }

    [Fact]
    public void It_is_calm_once_the_bucket_holds_a_second_of_the_rate_or_what_the_lost_line_costs()
    {
        var rate = new LineRate(10, TimeSpan.Zero);
        Assert.Equal(15, Enumerable.Range(0, 15).Count(_ => rate.TryTake(1, TimeSpan.Zero)));
        Assert.False(rate.TryTake(LineSplitter.MaxLineBytes, TimeSpan.Zero));
        Assert.Equal(TimeSpan.FromSeconds(0.5), rate.CalmAt);
        var slow = new LineRate(5, TimeSpan.Zero);
        Assert.Equal(8, Enumerable.Range(0, 8).Count(_ => slow.TryTake(1, TimeSpan.Zero)));
        Assert.False(slow.TryTake(LineSplitter.MaxLineBytes, TimeSpan.Zero));
        Assert.Equal(TimeSpan.FromSeconds((9 - 2) / 5.0), slow.CalmAt);
    }

    [Fact]
    public void A_rate_is_one_line_a_second_at_least()
    {
        Assert.True(new LineRate(1, TimeSpan.Zero).TryTake(1, TimeSpan.Zero));
        Assert.Throws<ArgumentOutOfRangeException>(() => new LineRate(0, TimeSpan.Zero));
    }

    [Fact]
    public void In_the_long_run_no_more_passes_than_the_rate_and_a_burst_and_nothing_goes_uncounted()
    {
        for (var seed = 0; seed < 100; seed++)
        {
            var random = new Random(seed);
            var perSecond = random.Next(1, 200);
            var rate = new LineRate(perSecond, TimeSpan.Zero);
            var (now, passed, lost, sent, told) = (TimeSpan.Zero, 0L, 0L, 0L, 0);
            while (now < TimeSpan.FromSeconds(30))
            {
                now += TimeSpan.FromMilliseconds(random.Next(0, 20));
                var news = rate.TakeLost(now);
                (lost, told) = (lost + news, told + (news > 0 ? 1 : 0));
                passed += rate.TryTake(10, now) ? 1 : 0;
                sent++;
            }

            lost += rate.TakeLostNow();
            Assert.Equal(sent, passed + lost);
            Assert.True(passed <= (perSecond * (now.TotalSeconds + LineRate.BurstSeconds)) + 1, $"seed {seed}");
            Assert.True(told <= now.TotalSeconds + 1, $"seed {seed}: {told} counts in {now}");
        }
    }
}
