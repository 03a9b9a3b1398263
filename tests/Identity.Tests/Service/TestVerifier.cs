using Strata.Contracts;
using Strata.Ipc;

namespace Strata.Identity.Tests;

/// <summary>A verifier under a test's control: it takes items when told and confirms only when told.</summary>
internal sealed class TestVerifier : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly RpcClient _client;
    private readonly CancellationTokenSource _leaving = new();
    private readonly IAsyncEnumerator<RpcResponse> _frames;

    private TestVerifier(RpcClient client, string name)
    {
        _client = client;
        var request = RpcRequest.Of("identity.watch", new WatchParams(name), ContractsJson.Default.WatchParams);
        _frames = client.StreamAsync(request).GetAsyncEnumerator(_leaving.Token);
    }

    internal string? WatchId { get; private set; }

    /// <summary>What the snapshot said, then every change since.</summary>
    internal List<string> Revoked { get; } = [];

    internal List<RevokedRule> Rules { get; } = [];

    internal IReadOnlyList<VerificationKey> Keys { get; private set; } = [];

    internal long Seq { get; private set; }

    /// <summary>Connects and takes the whole snapshot.</summary>
    internal static async Task<TestVerifier> StartAsync(IdentityNode node, string name, bool confirm = true) => await StartAsync(await node.ConnectAsync(), name, confirm);

    /// <summary>Takes the whole snapshot on a connection, which is the verifier's from here on.</summary>
    internal static async Task<TestVerifier> StartAsync(RpcClient client, string name, bool confirm = true)
    {
        var verifier = new TestVerifier(client, name);
        while ((await verifier.NextAsync()).Complete != true)
        {
        }

        if (confirm)
        {
            await verifier.ConfirmAsync();
        }

        return verifier;
    }

    internal async Task<WatchItem> NextAsync()
    {
        Assert.True(await _frames.MoveNextAsync().AsTask().WaitAsync(Patience));
        var item = _frames.Current.Get(ContractsJson.Default.WatchItem);
        WatchId = item.WatchId ?? WatchId;
        Seq = item.Seq;
        Rules.AddRange(item.Rules ?? []);
        Keys = item.Keys ?? Keys;
        Revoked.AddRange((item.Revoked ?? []).Select(r => r.CapId));
        return item;
    }

    /// <summary>Takes items until a change came.</summary>
    internal async Task<WatchItem> NextChangeAsync()
    {
        while (true)
        {
            var item = await NextAsync();
            if (item.Kind == "change")
            {
                return item;
            }
        }
    }

    internal Task<StatusResult> ConfirmAsync(long? seq = null, string? watchId = null) => _client.CallAsync(
        "identity.confirm", new ConfirmParams(watchId ?? WatchId!, seq ?? Seq), ContractsJson.Default.ConfirmParams, ContractsJson.Default.StatusResult);

    /// <summary>Ends the watch in good order, and comes back when identity has taken note.</summary>
    internal async Task SayGoodbyeAsync()
    {
        await _frames.DisposeAsync();
        while (true)
        {
            // The watch is gone once its id is unknown; no other event tells a client so.
            try
            {
                await ConfirmAsync(0);
            }
            catch (RpcException e) when (e.Error.Code == ErrorCode.NotFound)
            {
                return;
            }
        }
    }

    /// <summary>Breaks the connection, as a crash does.</summary>
    public async ValueTask DisposeAsync()
    {
        await _client.DisposeAsync();
        try
        {
            await _frames.DisposeAsync();
        }
        catch (NotSupportedException)
        {
            // It was waiting for an item.
        }

        _leaving.Dispose();
    }
}
