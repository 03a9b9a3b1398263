using System.Threading.Channels;

namespace Strata.Ipc;

/// <summary>One call that awaits its answer, and the frames that have come for it.</summary>
internal sealed class ClientCall(string reqId, bool streams)
{
    private readonly Channel<RpcResponse> _inbox =
        Channel.CreateUnbounded<RpcResponse>(new UnboundedChannelOptions { SingleReader = true });

    internal string ReqId => reqId;

    /// <summary>True when it asked for a stream.</summary>
    internal bool Streams => streams;

    /// <summary>Frames come and not yet taken. Guarded by the lock of <see cref="ClientCalls"/>.</summary>
    internal int Held { get; set; }

    internal void Add(RpcResponse response) => _inbox.Writer.TryWrite(response);

    internal void End(RpcException why) => _inbox.Writer.TryComplete(why);

    /// <summary>The next frame.</summary>
    /// <exception cref="RpcException">There will be none.</exception>
    internal async ValueTask<RpcResponse> NextAsync(CancellationToken cancellation)
    {
        try
        {
            return await _inbox.Reader.ReadAsync(cancellation).ConfigureAwait(false);
        }
        catch (ChannelClosedException e) when (e.InnerException is RpcException why)
        {
            throw new RpcException(why.Error, e);
        }
    }
}
