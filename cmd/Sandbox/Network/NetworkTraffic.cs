namespace Strata.Sandbox;

/// <summary>What went through a session's proxies.</summary>
internal sealed class NetworkTraffic
{
    private int _open;
    private long _connections;
    private long _denied;
    private long _sent;
    private long _received;

    internal int Open => Volatile.Read(ref _open);

    internal long Connections => Interlocked.Read(ref _connections);

    internal long Denied => Interlocked.Read(ref _denied);

    internal long SentBytes => Interlocked.Read(ref _sent);

    internal long ReceivedBytes => Interlocked.Read(ref _received);

    internal int Enter() => Interlocked.Increment(ref _open);

    internal void Leave() => Interlocked.Decrement(ref _open);

    internal void Connected() => Interlocked.Increment(ref _connections);

    internal void Deny() => Interlocked.Increment(ref _denied);

    internal void Send(int bytes) => Interlocked.Add(ref _sent, bytes);

    internal void Receive(int bytes) => Interlocked.Add(ref _received, bytes);
}
