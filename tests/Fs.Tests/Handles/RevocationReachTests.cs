using Strata.Ipc;

namespace Strata.Fs.Tests;

/// <summary>A revocation ends all that a capability has under way at once, and nothing of anybody else.</summary>
public sealed class RevocationReachTests
{
    [Fact]
    public async Task Handle_stream_and_call_under_way_end_together_and_those_of_others_go_on()
    {
        await using var node = new FsNode();
        node.Write("file", "x"u8);
        using (var sparse = File.Create(node["sparse"]))
        {
            sparse.SetLength(1L << 40);
        }

        var (mine, other) = (node.Grant(), node.Grant());
        var ended = await BeginAsync(node, mine);
        var going = await BeginAsync(node, other);
        await Patience.UntilAsync(() => node.Service.Handles.Count == 6);

        node.Revoke(mine);

        Assert.Equal(3, node.Service.Handles.Count);
        (await ended.Hashing.Soon()).MustBe(ErrorCode.Unauthenticated, "revoked");
        Assert.True(await ended.Watch.MoveNextAsync().AsTask().Soon());
        Assert.Equal("revoked", ended.Watch.Current.Error?.Reason);
        (await ended.Client.TryReadAsync(ended.Handle)).MustBe(ErrorCode.Unauthenticated, "revoked");
        Assert.False(going.Hashing.IsCompleted);
        Assert.Equal("x", (await going.Client.ReadAsync(going.Handle)).Data);

        node.Revoke(other);
        (await going.Hashing.Soon()).MustBe(ErrorCode.Unauthenticated, "revoked");
        await ended.Watch.DisposeAsync();
        await going.Watch.DisposeAsync();
    }

    private static async Task<(FsClient Client, string Handle, IAsyncEnumerator<RpcResponse> Watch, Task<RpcResponse> Hashing)> BeginAsync(FsNode node, Capability capability)
    {
        var client = await node.ConnectAsync(capability);
        var handle = await client.OpenAsync("file");
        var watch = client.StreamAsync("fs.watch", """{"path":"."}""").GetAsyncEnumerator(TestContext.Current.CancellationToken);
        Assert.True(await watch.MoveNextAsync().AsTask().Soon());
        return (client, handle, watch, client.CallAsync("fs.hash", """{"path":"sparse"}"""));
    }
}
