using Strata.Ipc;
using Strata.Linux;

namespace Strata.Hosting;

/// <summary>
/// Accepts connections for one loop, within the server's quota, and survives running out of descriptors without
/// spinning. The last descriptors are not given to connections, since the runtime itself cannot start a thread without
/// one. Should they run out all the same, one kept in reserve lets a waiting connection be taken and closed, and
/// accepting pauses for a moment.
/// </summary>
internal sealed class Acceptor : IDisposable
{
    internal static readonly TimeSpan PauseTime = TimeSpan.FromMilliseconds(100);
    private const int MaxAcceptsPerEvent = 64;
    private const int Headroom = 64;

    private readonly SocketServer _server;
    private readonly int _listener;
    private readonly ulong _ceiling = Ceiling(OpenFileLimit.Get().Soft);
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
        // The kernel gives out the lowest free number, so a high one tells that few are left.
        if ((ulong)descriptor >= _ceiling)
        {
            _server.Events.DescriptorsExhausted();
            Refuse(loop, descriptor, RpcError.ResourceExhausted("the service has no open files to spare; try again shortly", "descriptors_exhausted"));
            return;
        }

        if (_server.Quota.TryTake(peer.Uid) is { } reason)
        {
            Refuse(loop, descriptor, RpcError.ResourceExhausted(reason, "too_many_connections"));
            _server.Events.ConnectionDropped(peer, reason);
            return;
        }

        loop.Adopt(descriptor, peer);
    }

    /// <summary>Says why in a frame, so that the caller need not guess, and closes.</summary>
    private void Refuse(SocketLoop loop, int descriptor, RpcError error)
    {
        loop.Writer.WriteError(_refusal, default, error);
        _ = UnixSocket.TrySend(descriptor, _refusal.Unsent.Span);
        _refusal.Release();
        _ = Descriptors.TryClose(descriptor);
    }

    private static ulong Ceiling(ulong limit) => limit > 2 * Headroom ? limit - Headroom : limit / 2;

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
