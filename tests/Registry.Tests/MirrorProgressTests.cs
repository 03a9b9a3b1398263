using Strata.Contracts;

namespace Strata.Registry.Tests;

public sealed class MirrorProgressTests
{
    private readonly ManualTime _time = new();
    private readonly MirrorProgress _mirror;

    public MirrorProgressTests() => _mirror = new MirrorProgress(_time);

    [Fact]
    public async Task A_change_is_confirmed_when_the_supervisor_has_it_and_not_before()
    {
        var first = _mirror.ReachesAsync(1, CancellationToken.None).AsTask();
        var second = _mirror.ReachesAsync(2, CancellationToken.None).AsTask();
        _mirror.Took(0);
        Assert.False(first.IsCompleted);
        _mirror.Took(1);
        await first.Soon();
        Assert.False(second.IsCompleted);
        _mirror.Took(3);
        await second.Soon();
        await _mirror.ReachesAsync(3, CancellationToken.None).AsTask().Soon();
    }

    [Fact]
    public async Task A_supervisor_that_is_away_holds_a_change_up_for_the_bound_and_no_longer()
    {
        var waiting = _mirror.ReachesAsync(1, CancellationToken.None).AsTask();
        _time.Advance(MirrorProgress.MaxWait - TimeSpan.FromTicks(1));
        Assert.False(waiting.IsCompleted);
        _time.Advance(TimeSpan.FromTicks(1));
        await waiting.Soon();
    }

    [Fact]
    public async Task A_caller_who_gives_up_waits_no_more()
    {
        using var cancellation = new CancellationTokenSource();
        var waiting = _mirror.ReachesAsync(1, cancellation.Token).AsTask();
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting.Soon());
        // Would fail if the one who left were still among those to tell.
        _mirror.Took(1);
    }

    [Fact]
    public async Task What_a_follower_was_sent_is_told_once_it_asks_for_more()
    {
        var feed = new RegistryFeed(new RegistryTable { Declared = [] });
        var taken = new List<long>();
        await using var watch = feed.Follow(0, taken.Add).Value!.GetAsyncEnumerator();
        Assert.True(await watch.MoveNextAsync().AsTask().Soon());
        Assert.Empty(taken);
        Assert.Null(feed.Register(new RegisterParams("extra", "unix:///tmp/extra.sock"), new Registrant(0, false)));
        Assert.True(await watch.MoveNextAsync().AsTask().Soon());
        Assert.Equal([0], taken);
        var idle = watch.MoveNextAsync().AsTask();
        Assert.Equal([0, feed.Seq], taken);
        Assert.Null(feed.Unregister("extra", new Registrant(0, false)));
        Assert.True(await idle.Soon());
    }
}
