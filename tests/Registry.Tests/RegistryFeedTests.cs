using Strata.Contracts;
using Strata.Ipc;

namespace Strata.Registry.Tests;

public sealed class RegistryFeedTests
{
    private static readonly Registrant Alice = new(1000, IsSupervisor: false);

    private readonly RegistryFeed _feed = new(new RegistryTable { Declared = ["fs"] });

    [Fact]
    public async Task Snapshot_comes_first_then_every_change_in_order()
    {
        Register("a");
        await using var watch = Follow();
        Register("b");
        Assert.Null(_feed.Unregister("a", Alice));
        Register("c");
        var first = await NextAsync(watch);
        Assert.Equal(("snapshot", 1L, "a"), (first.Kind, first.Seq, Assert.Single(first.Services!).Service));
        Assert.Equal(("registered", 2L, "b"), Of(await NextAsync(watch)));
        Assert.Equal(("unregistered", 3L, "a"), Of(await NextAsync(watch)));
        Assert.Equal(("registered", 4L, "c"), Of(await NextAsync(watch)));
    }

    [Fact]
    public async Task Refused_and_repeated_registrations_tell_nobody()
    {
        Register("a");
        await using var watch = Follow();
        Register("a");
        Assert.NotNull(_feed.Register(new("fs", "unix:///evil"), Alice));
        Assert.NotNull(_feed.Unregister("nobody", Alice));
        Register("b");
        await NextAsync(watch);
        Assert.Equal(("registered", 2L, "b"), Of(await NextAsync(watch)));
    }

    [Fact]
    public async Task Follower_that_lags_too_far_is_ended_and_others_are_not()
    {
        await using var lagging = Follow();
        await using var keeping = Follow();
        var seen = 0L;
        await NextAsync(keeping);
        for (var i = 0; i < RegistryFeed.MaxWaitingChanges; i++)
        {
            Register("changing", apiV: i + 1);
            seen = (await NextAsync(keeping)).Seq;
        }

        // The snapshot and one less than the bound of changes still wait; then the watch says why it ends.
        for (var i = 0; i < RegistryFeed.MaxWaitingChanges; i++)
        {
            Assert.Equal(i, (await NextAsync(lagging)).Seq);
        }

        var ended = await Assert.ThrowsAsync<RpcException>(() => NextAsync(lagging));
        Assert.Equal("watch_lagging", ended.Error.Reason);
        Register("more");
        Assert.Equal(seen + 1, (await NextAsync(keeping)).Seq);
    }

    [Fact]
    public async Task Followers_are_bounded_and_leaving_makes_room()
    {
        var watches = new List<IAsyncEnumerator<RegistryEvent>>();
        for (var i = 0; i < RegistryFeed.MaxFollowers; i++)
        {
            watches.Add(Follow((uint)(i / RegistryFeed.MaxFollowersPerUid)));
            await NextAsync(watches[i]);
        }

        var refused = _feed.Follow(1000);
        Assert.Equal((ErrorCode.ResourceExhausted, "too_many_watchers"), (refused.Error!.Code, refused.Error.Reason));
        await watches[0].DisposeAsync();
        watches[0] = Follow(1000);
        await NextAsync(watches[0]);
        Assert.NotNull(_feed.Follow(1000).Error);
        foreach (var watch in watches)
        {
            await watch.DisposeAsync();
        }
    }

    [Fact]
    public async Task One_user_cannot_take_every_place()
    {
        var watches = new List<IAsyncEnumerator<RegistryEvent>>();
        for (var i = 0; i < RegistryFeed.MaxFollowersPerUid; i++)
        {
            watches.Add(Follow(65534));
            await NextAsync(watches[i]);
        }

        Assert.Equal("too_many_watchers", _feed.Follow(65534).Error!.Reason);
        watches.Add(Follow(0));
        await NextAsync(watches[^1]);
        foreach (var watch in watches)
        {
            await watch.DisposeAsync();
        }

        Assert.Null(_feed.Follow(65534).Error);
    }

    private static (string, long, string) Of(RegistryEvent change) => (change.Kind, change.Seq, change.Entry!.Service);

    private static async Task<RegistryEvent> NextAsync(IAsyncEnumerator<RegistryEvent> watch)
    {
        Assert.True(await watch.MoveNextAsync().AsTask().Soon());
        return watch.Current;
    }

    private IAsyncEnumerator<RegistryEvent> Follow(uint uid = 0) => _feed.Follow(uid).Value!.GetAsyncEnumerator();

    private void Register(string name, int apiV = 1) => Assert.Null(_feed.Register(new(name, "unix:///run/x.sock", apiV), Alice));
}
