using Strata.Ipc;
using Strata.Linux;

namespace Strata.Hosting;

/// <summary>
/// Accepts connections for one loop, within the server's quota, and survives running out of descriptors without
/// spinning: one descriptor is kept in reserve so that a waiting connection can be taken and closed, and accepting
/// pauses for a moment.
/// </summary>
internal sealed class Acceptor : IDisposable
{
    internal static readonly TimeSpan PauseTime = TimeSpan.FromMilliseconds(100);
    private const int MaxAcceptsPerEvent = 64;

    private readonly SocketServer _server;
    private readonly int _listener;
    private readonly OutputBuffer _refusal = new();
    private EventFd? _reserve = new();
    private bool _watching = true;

    internal Acceptor(SocketServer server, int listener) => (_server, _listener) = (server, listener);

    /// <summary>When accepting goes on after a pause; <see cref="long.MaxValue"/> when it is not paused.</summary>
    internal long ResumeAt { get; private set; } = long.MaxValue;

    internal void Accept(SocketLoop loop)
    {
        // An event may have been reported before the loop stopped to watch for it; a draining loop takes nobody in.
        if (!_watching)
        {
            return;
        }

        for (var i = 0; i < MaxAcceptsPerEvent; i++)
        {
            var descriptor = UnixSocket.TryAccept(_listener);
            if (descriptor >= 0)
            {
                Admit(loop, descriptor);
                continue;
            }

            if (descriptor is -Errno.EMFILE or -Errno.ENFILE or -Errno.ENOBUFS or -Errno.ENOMEM)
            {
                ShedOne();
                _server.Events.DescriptorsExhausted();
                loop.PauseAccepting();
                return;
            }

            if (descriptor is not (-Errno.EINTR or -Errno.ECONNABORTED))
            {
                return;
            }
        }
    }

    internal void Withdraw(Epoll epoll)
    {
        if (_watching)
        {
            _ = epoll.TryRemove(_listener);
        }

        _watching = false;
        ResumeAt = long.MaxValue;
    }

    internal void Pause(Epoll epoll, long until)
    {
        Withdraw(epoll);
        ResumeAt = until;
    }

    /// <summary>Watches for connections again; false when the kernel has no room for that, so try again later.</summary>
    internal bool TryResume(Epoll epoll, ulong userData)
    {
        ResumeAt = long.MaxValue;
        _watching = epoll.TryAdd(_listener, EpollEvents.Readable | EpollEvents.Exclusive, userData) >= 0;
        return _watching;
    }

    public void Dispose() => _reserve?.Dispose();

    private void Admit(SocketLoop loop, int descriptor)
    {
        if (PeerCredentials.TryGet(descriptor, out var credentials) < 0)
        {
            _ = Descriptors.TryClose(descriptor);
            return;
        }

        var peer = new Peer(credentials.Pid, credentials.Uid, credentials.Gid);
        if (_server.Quota.TryTake(peer.Uid) is { } refusal)
        {
            // Said in a frame, so that the caller need not guess why it was cut off.
            loop.Writer.WriteError(_refusal, default, RpcError.ResourceExhausted(refusal, "too_many_connections"));
            _ = UnixSocket.TrySend(descriptor, _refusal.Unsent.Span);
            _refusal.Release();
            _ = Descriptors.TryClose(descriptor);
            _server.Events.ConnectionDropped(peer, refusal);
            return;
        }

        loop.Adopt(descriptor, peer);
    }

    private void ShedOne()
    {
        _reserve?.Dispose();
        _reserve = null;
        var descriptor = UnixSocket.TryAccept(_listener);
        if (descriptor >= 0)
        {
            _ = Descriptors.TryClose(descriptor);
        }

        try
        {
            _reserve = new EventFd();
        }
        catch (LinuxException)
        {
            // Somebody else took the place; the next pause tries without a reserve.
        }
    }
}
