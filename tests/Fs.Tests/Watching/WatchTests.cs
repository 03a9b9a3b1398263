using Strata.Contracts;
using Strata.Hosting;
using Strata.Ipc;

namespace Strata.Fs.Tests;

/// <summary>Changes are told in their order, losses are reported, and a watch ends with its place or its capability.</summary>
public sealed class WatchTests
{
    private static readonly ContractsJson Json = ContractsJson.Default;

    [Fact]
    public async Task Changes_of_a_directory_are_told_with_names()
    {
        await using var node = new FsNode();
        var client = await node.ConnectAsync();
        await using var watch = await BeginAsync(client, """{"path":"."}""");
        File.WriteAllText(node["file"], "x");
        // A process that another test starts at this moment may hold the file open a little longer.
        var written = await CollectAsync(watch, e => e is { Event: "written", Name: "file" });
        Assert.Contains(written, e => e is { Event: "made", Name: "file", IsDir: false });
        Directory.CreateDirectory(node["dir"]);
        File.Move(node["file"], node["moved"]);
        File.Delete(node["moved"]);
        var events = await CollectAsync(watch, e => e is { Event: "removed", Name: "moved" });
        Assert.Contains(events, e => e is { Event: "made", Name: "dir", IsDir: true });
        var (from, to) = (events.Single(e => e.Event == "moved_from"), events.Single(e => e.Event == "moved_to"));
        Assert.Equal(("file", "moved", true), (from.Name, to.Name, from.Cookie == to.Cookie && from.Cookie is not null));
    }

    [Fact]
    public async Task Two_holders_of_one_place_are_both_told_and_one_end_leaves_the_other()
    {
        await using var node = new FsNode();
        var first = await node.ConnectAsync();
        var capability = node.Grant();
        var second = await node.ConnectAsync(capability);
        await using var watch = await BeginAsync(first, """{"path":"."}""");
        await using (var other = await BeginAsync(second, """{"path":"."}"""))
        {
            File.WriteAllText(node["a"], "x");
            await CollectAsync(other, e => e.Name == "a");
            node.Revoke(capability);
            Assert.True(await MoveToErrorAsync(other));
            Assert.Equal((ErrorCode.Unauthenticated, "revoked"), (other.Current.Error!.Code, other.Current.Error.Reason));
        }

        File.WriteAllText(node["b"], "x");
        await CollectAsync(watch, e => e.Name == "b");
        Assert.Equal(1, node.Service.Handles.Count);
    }

    [Fact]
    public async Task A_watch_ends_when_its_place_is_gone()
    {
        await using var node = new FsNode();
        Directory.CreateDirectory(node["dir"]);
        var client = await node.ConnectAsync();
        foreach (var end in new Action[] { () => Directory.Move(node["dir"], Path.Combine(node.Outside, "dir")), () => Directory.Delete(node["dir"]) })
        {
            Directory.CreateDirectory(node["dir"]);
            await using var watch = await BeginAsync(client, """{"path":"dir"}""");
            end();
            await CollectAsync(watch, e => e.Event == "gone");
            Assert.False(await watch.MoveNextAsync());
        }
    }

    [Fact]
    public async Task What_a_holder_does_not_take_in_time_is_lost_and_that_is_told()
    {
        var place = Directory.CreateTempSubdirectory("fswatch");
        try
        {
            using var board = new WatchBoard(4);
            var claims = new Policy.CapabilityClaims { Issuer = "i", Audience = "a", CapabilityId = "c", ExpiresAt = DateTimeOffset.MaxValue - TimeSpan.FromDays(1), IssuedAt = default, Service = "fs" };
            using var root = Linux.BeneathRoot.Open(place.FullName);
            using var watch = new FileWatch(claims, ".", 3, board.Remove);
            Assert.Equal(0, board.TryAdd(watch.Queue, root.Handle.Number));
            for (var i = 0; i < 20; i++)
            {
                File.WriteAllText(Path.Combine(place.FullName, $"{i}"), "");
            }

            await Patience.UntilAsync(watch.Queue.TakeLost);
            Assert.Equal(3, watch.Queue.Take().Events.Count);
        }
        finally
        {
            place.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task So_many_watches_are_set_and_not_one_more()
    {
        await using var node = new FsNode(new FsOptions { MaxWatches = 2 });
        var client = await node.ConnectAsync();
        await using var first = await BeginAsync(client, "{}");
        await using (await BeginAsync(client, "{}"))
        {
            (await client.CallAsync("fs.watch", "{}")).MustBe(ErrorCode.ResourceExhausted, "watches_exhausted");
        }

        await Patience.UntilAsync(() => node.Service.Handles.Count == 1);
        await using var again = await BeginAsync(client, "{}");
    }

    private static async Task<IAsyncEnumerator<RpcResponse>> BeginAsync(FsClient client, string json)
    {
        var items = client.StreamAsync("fs.watch", json).GetAsyncEnumerator();
        Assert.True(await items.MoveNextAsync());
        Assert.Null(items.Current.Error);
        Assert.Empty(items.Current.Get(Json.FileEvents).Events);
        return items;
    }

    private static async Task<List<FileEvent>> CollectAsync(IAsyncEnumerator<RpcResponse> items, Func<FileEvent, bool> until)
    {
        var events = new List<FileEvent>();
        while (!events.Any(until))
        {
            Assert.True(await items.MoveNextAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(60)));
            Assert.Null(items.Current.Error);
            events.AddRange(items.Current.Get(Json.FileEvents).Events);
        }

        return events;
    }

    private static async Task<bool> MoveToErrorAsync(IAsyncEnumerator<RpcResponse> items)
    {
        while (await items.MoveNextAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(60)))
        {
            if (items.Current.Error is not null)
            {
                return true;
            }
        }

        return false;
    }
}
