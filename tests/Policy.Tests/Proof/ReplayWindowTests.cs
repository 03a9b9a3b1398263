namespace Strata.Policy.Tests;

public sealed class ReplayWindowTests
{
    private static readonly DateTimeOffset Began = Samples.Now;
    private static readonly DateTimeOffset Now = Began.AddMinutes(1);

    [Fact]
    public void What_was_taken_is_not_taken_again_while_it_is_fresh()
    {
        var window = new ReplayWindow(Began);

        Assert.Equal(ProofStatus.Valid, window.Take(1, "root", Ms(Now), Now));
        Assert.Equal(ProofStatus.Replayed, window.Take(1, "root", Ms(Now), Now));
        Assert.Equal(ProofStatus.Replayed, window.Take(1, "root", Ms(Now), Now + ReplayWindow.MaxAge));
        Assert.Equal(ProofStatus.Replayed, window.Take(1, "root", Ms(Now), Now + ReplayWindow.MaxAge + TimeSpan.FromMilliseconds(1)));
    }

    [Fact]
    public void What_is_past_its_time_is_dropped()
    {
        var window = new ReplayWindow(Began);
        for (var i = 0; i < 100; i++)
        {
            window.Take((UInt128)i, "root", Ms(Now), Now);
        }

        var later = Now + ReplayWindow.MaxAge + TimeSpan.FromSeconds(2);
        Assert.Equal(ProofStatus.Valid, window.Take(1000, "root", Ms(later), later));
        Assert.Equal(1, window.Count);
    }

    [Fact]
    public void A_full_window_refuses_and_forgets_nothing()
    {
        var window = new ReplayWindow(Began, maxEntries: 3);
        for (var i = 0; i < 3; i++)
        {
            Assert.Equal(ProofStatus.Valid, window.Take((UInt128)i, $"root{i}", Ms(Now) + (i * 10), Now));
        }

        Assert.Equal(ProofStatus.Unrecorded, window.Take(3, "root3", Ms(Now), Now));
        Assert.Equal(ProofStatus.Replayed, window.Take(0, "root0", Ms(Now), Now));
        Assert.Equal(3, window.Count);
    }

    [Fact]
    public void No_holder_takes_the_room_of_others()
    {
        var window = new ReplayWindow(Began, maxEntries: 10, maxEntriesPerRoot: 2);

        Assert.Equal(ProofStatus.Valid, window.Take(1, "greedy", Ms(Now), Now));
        Assert.Equal(ProofStatus.Valid, window.Take(2, "greedy", Ms(Now) - 5000, Now));
        Assert.Equal(ProofStatus.Unrecorded, window.Take(3, "greedy", Ms(Now) - 10_000, Now));
        Assert.Equal(ProofStatus.Valid, window.Take(4, "other", Ms(Now), Now));

        var later = Now.AddSeconds(27);
        Assert.Equal(ProofStatus.Valid, window.Take(5, "greedy", Ms(later), later));
    }

    [Fact]
    public void What_was_signed_before_a_process_began_may_have_been_taken_by_another_and_is_refused()
    {
        var window = new ReplayWindow(Began);
        var ahead = Ms(Began + ReplayWindow.MaxAhead);

        Assert.Equal(ProofStatus.Replayed, window.Take(1, "root", Ms(Began) - 1, Began));
        Assert.Equal(ProofStatus.Replayed, window.Take(2, "root", ahead, Began));
        Assert.Equal(ProofStatus.Valid, window.Take(3, "root", ahead + 1, Began + ReplayWindow.MaxAhead));
    }

    [Fact]
    public void The_wait_after_a_begin_is_told()
    {
        var window = new ReplayWindow(Began);
        var wait = window.OpensIn(Began.AddMilliseconds(400));

        Assert.Equal(TimeSpan.FromMilliseconds(601), wait);
        Assert.True(window.IsFresh(Ms(Began.AddMilliseconds(400) + wait), Began.AddMilliseconds(400) + wait));
        Assert.Equal(TimeSpan.Zero, window.OpensIn(Now));
        Assert.Equal(TimeSpan.Zero, window.OpensIn(Began.AddHours(-1)));
    }

    [Fact]
    public void A_clock_that_is_set_back_brings_nothing_back()
    {
        var window = new ReplayWindow(Began);
        Assert.Equal(ProofStatus.Valid, window.Take(1, "root", Ms(Now), Now));

        var later = Now.AddMinutes(5);
        Assert.Equal(ProofStatus.Valid, window.Take(2, "root", Ms(later), later));
        Assert.Equal(ProofStatus.Replayed, window.Take(1, "root", Ms(Now), Now));
    }

    [Fact]
    public async Task Of_many_at_once_one_is_taken()
    {
        var window = new ReplayWindow(Began);
        var taken = await Task.WhenAll(Enumerable.Range(0, 64).Select(_ => Task.Run(() => window.Take(1, "root", Ms(Now), Now))));

        Assert.Single(taken, ProofStatus.Valid);
    }

    [Fact]
    public void The_wait_is_as_long_as_clocks_may_be_ahead_and_none_for_a_clock_that_was_set_back()
    {
        var window = new ReplayWindow(Began);
        Assert.Equal(TimeSpan.FromMilliseconds(1001), window.OpensIn(Began));
        Assert.Equal(TimeSpan.Zero, window.OpensIn(Began.AddMilliseconds(-1)));
        Assert.Equal(TimeSpan.FromMilliseconds(1), window.OpensIn(Began.AddMilliseconds(1000)));
        Assert.Equal(TimeSpan.Zero, window.OpensIn(Began.AddMilliseconds(1001)));
    }

    [Fact]
    public void What_is_past_its_time_is_dropped_by_whole_seconds_at_most_once_a_second()
    {
        var window = new ReplayWindow(Began);
        var last = Ms(Now) + 999;
        var end = DateTimeOffset.FromUnixTimeMilliseconds(last) + ReplayWindow.MaxAge;
        Assert.Equal(ProofStatus.Valid, window.Take(1, "root", last, Now));
        Assert.Equal(ProofStatus.Valid, window.Take(2, "root", Ms(end), end));
        Assert.Equal(2, window.Count);
        Assert.Equal(ProofStatus.Valid, window.Take(3, "root", Ms(end), end.AddMilliseconds(999)));
        Assert.Equal(3, window.Count);
        Assert.Equal(ProofStatus.Valid, window.Take(4, "root", Ms(end), end.AddMilliseconds(1000)));
        Assert.Equal(3, window.Count);
    }

    [Fact]
    public void A_second_goes_a_millisecond_after_all_of_it_is_past_its_time()
    {
        var window = new ReplayWindow(Began);
        var last = Ms(Now) + 999;
        var past = DateTimeOffset.FromUnixTimeMilliseconds(last + 1) + ReplayWindow.MaxAge;
        Assert.Equal(ProofStatus.Valid, window.Take(1, "root", last, Now));
        Assert.Equal(ProofStatus.Valid, window.Take(2, "root", Ms(past), past));
        Assert.Equal(1, window.Count);
    }

    private static long Ms(DateTimeOffset time) => time.ToUnixTimeMilliseconds();
}
