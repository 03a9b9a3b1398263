using System.Threading.Channels;
using Strata.Ipc;

namespace Strata.Hosting.Tests.Server;

/// <summary>Keeps what a server tells.</summary>
internal sealed class TestEvents : IServerEvents
{
    private readonly Channel<string> _dropped = Channel.CreateUnbounded<string>();
    private readonly Channel<Exception> _faults = Channel.CreateUnbounded<Exception>();
    private int _heartbeats;

    internal int Heartbeats => Volatile.Read(ref _heartbeats);

    internal int Exhausted { get; private set; }

    internal int Drops { get; private set; }

    internal string? LastDrop { get; private set; }

    internal Task<string> NextDropAsync() => _dropped.Reader.ReadAsync().AsTask().Soon();

    internal Task<Exception> NextFaultAsync() => _faults.Reader.ReadAsync().AsTask().Soon();

    public void HandlerFaulted(CallContext call, Exception exception) => _faults.Writer.TryWrite(exception);

    public void ConnectionDropped(Peer peer, string reason)
    {
        (Drops, LastDrop) = (Drops + 1, reason);
        _dropped.Writer.TryWrite(reason);
    }

    public void DescriptorsExhausted() => Exhausted++;

    public void Heartbeat() => Interlocked.Increment(ref _heartbeats);
}
