using System.Threading.Channels;
using Strata.Contracts;
using Strata.Hosting.Tests.Server;
using Strata.Ipc;
using Strata.Linux;

namespace Strata.Hosting.Tests.Authorization;

/// <summary>An identity service whose every word a test chooses.</summary>
internal sealed class FakeIdentity : IAsyncDisposable
{
    private readonly Channel<FakeWatch> _watches = Channel.CreateUnbounded<FakeWatch>();
    private readonly Channel<ConfirmParams> _confirmed = Channel.CreateUnbounded<ConfirmParams>();
    private readonly SocketServer _server;
    private int _asked;

    internal FakeIdentity(string path)
    {
        Method[] methods =
        [
            new StreamMethod<WatchParams, WatchItem>(
                "identity.watch", "For tests.", Access.Open, ContractsJson.Default.WatchParams, ContractsJson.Default.WatchItem, (p, call) => Watch(p, call)),
            new UnaryMethod<ConfirmParams, StatusResult>(
                "identity.confirm", "For tests.", Access.Open, ContractsJson.Default.ConfirmParams, ContractsJson.Default.StatusResult, (p, _) => Confirm(p)),
        ];
        _server = new SocketServer(
            UnixListener.Bind(path, 0x180, replaceExisting: true), new MethodTable("identity", methods), OpenMethodsOnly.Instance, new TestEvents(), TimeProvider.System,
            new ServerOptions { DrainTimeout = TimeSpan.FromMilliseconds(50) });
        _server.Start();
    }

    /// <summary>Runs when a confirmation arrives, before it is answered.</summary>
    internal Action<ConfirmParams>? OnConfirm { get; set; }

    internal bool RefusesWatches { get; set; }

    internal int Asked => Volatile.Read(ref _asked);

    internal Task<FakeWatch> NextWatchAsync() => _watches.Reader.ReadAsync().AsTask().Soon();

    internal Task<ConfirmParams> NextConfirmAsync() => _confirmed.Reader.ReadAsync().AsTask().Soon();

    /// <summary>Ends in good order, where disposing of it cuts connections.</summary>
    internal Task StopAsync() => _server.StopAsync().Soon();

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    private Reply<IAsyncEnumerable<WatchItem>> Watch(WatchParams p, CallContext call)
    {
        Interlocked.Increment(ref _asked);
        if (RefusesWatches)
        {
            return new RpcError(ErrorCode.PermissionDenied, "not you");
        }

        var items = Channel.CreateUnbounded<WatchItem>();
        _watches.Writer.TryWrite(new FakeWatch(p.Verifier, items.Writer));
        return Reply.Ok(items.Reader.ReadAllAsync(call.Cancellation));
    }

    private Reply<StatusResult> Confirm(ConfirmParams p)
    {
        OnConfirm?.Invoke(p);
        _confirmed.Writer.TryWrite(p);
        return new StatusResult("confirmed");
    }
}

/// <summary>One verifier's watch at the fake identity.</summary>
/// <param name="Verifier">The name it gave.</param>
/// <param name="Items">What it is told; completing ends the stream.</param>
internal sealed record FakeWatch(string Verifier, ChannelWriter<WatchItem> Items);
