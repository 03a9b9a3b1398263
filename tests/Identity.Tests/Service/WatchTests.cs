using Microsoft.Extensions.Logging.Abstractions;
using Strata.Contracts;
using Strata.Ipc;

namespace Strata.Identity.Tests;

public class WatchTests
{
    [Fact]
    public async Task The_snapshot_names_keys_and_issuer()
    {
        using var scratch = new Scratch();
        await using var node = await IdentityNode.StartAsync(scratch["state"]);
        await using var client = await node.ConnectAsync();

        // Without "more" there is one item and no verifier to wait for.
        var item = await client.CallAsync(
            "identity.watch", new WatchParams("look"), ContractsJson.Default.WatchParams, ContractsJson.Default.WatchItem);

        Assert.Equal(("snapshot", "identity@test-0", true), (item.Kind, item.Issuer, item.Complete));
        Assert.Null(item.WatchId);
        Assert.Equal(["v2", "v4"], item.Keys!.Select(k => k.Version));
        Assert.Equal(File.ReadAllText(scratch["state.run/identity.pub"]), item.Keys![0].PublicKey);
        Assert.Null((await node.RevokeAsync(Scratch.Id(1))).Pending);
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(WatchStream.MaxEntriesPerItem, 1)]
    [InlineData(WatchStream.MaxEntriesPerItem + 1, 2)]
    [InlineData((2 * WatchStream.MaxEntriesPerItem) + 1, 3)]
    public async Task Snapshots_come_in_items_of_bounded_size(int entries, int items)
    {
        using var scratch = new Scratch();
        WriteRevocations(scratch, entries);
        await using var node = await IdentityNode.StartAsync(scratch["state"]);
        await using var client = await node.ConnectAsync();
        var taken = new List<WatchItem>();
        var request = RpcRequest.Of("identity.watch", new WatchParams("fs"), ContractsJson.Default.WatchParams);
        await foreach (var frame in client.StreamAsync(request))
        {
            taken.Add(frame.Get(ContractsJson.Default.WatchItem));
            if (taken[^1].Complete == true)
            {
                break;
            }
        }

        Assert.Equal(items, taken.Count);
        Assert.All(taken, item => Assert.InRange(item.Revoked!.Count, 0, WatchStream.MaxEntriesPerItem));
        Assert.Equal(entries, taken.SelectMany(i => i.Revoked!).Select(r => r.CapId).Distinct().Count());
        Assert.All(taken.Skip(1), item => Assert.Null(item.Keys));
        Assert.Single(taken.Select(i => i.WatchId).Distinct());
    }

    [Fact]
    public async Task Heartbeats_come_at_a_third_of_the_staleness_bound()
    {
        using var scratch = new Scratch();
        await using var node = await IdentityNode.StartAsync(scratch["state"], ("STRATA_STALENESS_MS", "150"));
        await using var verifier = await TestVerifier.StartAsync(node, "fs");

        Assert.Equal("heartbeat", (await verifier.NextAsync()).Kind);
        Assert.Equal("heartbeat", (await verifier.NextAsync()).Kind);
    }

    [Fact]
    public async Task The_49th_watch_of_one_user_is_refused()
    {
        using var scratch = new Scratch();
        await using var node = await IdentityNode.StartAsync(scratch["state"]);
        var verifiers = new List<TestVerifier>();
        for (var i = 0; i < WatcherBook.MaxVerifiersPerUid; i++)
        {
            verifiers.Add(await TestVerifier.StartAsync(node, $"v{i}"));
        }

        await using var client = await node.ConnectAsync();
        var request = RpcRequest.Of("identity.watch", new WatchParams("one-more"), ContractsJson.Default.WatchParams);
        await foreach (var frame in client.StreamAsync(request))
        {
            Assert.Equal("too_many_watchers", frame.Error?.Reason);
        }

        foreach (var verifier in verifiers)
        {
            await verifier.DisposeAsync();
        }
    }

    [Fact]
    public async Task A_confirmation_needs_the_watch_and_a_change_that_happened()
    {
        using var scratch = new Scratch();
        await using var node = await IdentityNode.StartAsync(scratch["state"]);
        await using var verifier = await TestVerifier.StartAsync(node, "fs");

        Assert.Equal(ErrorCode.NotFound, (await IdentityNode.FailureOf(verifier.ConfirmAsync(0, "someone-else"))).Code);
        Assert.Equal(ErrorCode.InvalidArgument, (await IdentityNode.FailureOf(verifier.ConfirmAsync(1))).Code);
    }

    [Fact]
    public async Task A_verifier_that_cannot_be_remembered_is_not_served()
    {
        using var scratch = new Scratch();
        await using var node = await IdentityNode.StartAsync(scratch["state"]);
        Directory.Move(scratch["state/identity"], scratch["away"]);
        Directory.Delete(scratch["away"], recursive: true);
        await using var client = await node.ConnectAsync();
        var request = RpcRequest.Of("identity.watch", new WatchParams("fs"), ContractsJson.Default.WatchParams);

        await foreach (var frame in client.StreamAsync(request))
        {
            Assert.Equal("storage_failed", frame.Error?.Reason);
        }
    }

    private static void WriteRevocations(Scratch scratch, int count)
    {
        using var directory = IdentityDirectory.Open(scratch["state"]);
        var (log, _) = RevocationLog.Open(directory, true, TimeProvider.System.GetUtcNow(), NullLogger.Instance);
        using var held = log;
        log.Rewrite([.. Enumerable.Range(0, count).Select(i => Scratch.Revoked(i, TimeProvider.System.GetUtcNow().AddHours(1)))]);
    }
}
