using Strata.Linux;
using Strata.Supervision;

namespace Strata.Supervisor;

/// <summary>
/// Watches the sockets of services that are started on demand, each until its next connection: the kernel wakes the loop then, and
/// nothing is asked meanwhile. Belongs to the node's loop.
/// </summary>
internal sealed class ConnectionWatch(Epoll epoll, Func<string, IReadOnlyList<int>> socketOf) : IDisposable
{
    // Tells a socket from a process and from a pipe, among the ids of the loop.
    private const ulong Mark = 1UL << 62;

    private readonly Dictionary<ulong, (string Service, FileDescriptor Socket)> _byId = [];
    private ulong _nextId = Mark;

    /// <summary>Watches for the next connection to a service; one that waits already counts.</summary>
    internal void Add(string service)
    {
        Remove(service);
        if (socketOf(service) is [var socket, ..])
        {
            // A descriptor of its own: the service's may be closed and its number given away while a process still holds the socket.
            var own = FileDescriptor.Duplicate(socket);
            _byId.Add(_nextId, (service, own));
            epoll.Add(own.Number, EpollEvents.Readable, _nextId++);
        }
    }

    /// <summary>Watches for it no longer.</summary>
    internal void Remove(string service)
    {
        foreach (var (id, watched) in _byId.Where(w => w.Value.Service == service).ToArray())
        {
            _byId.Remove(id);
            _ = epoll.TryRemove(watched.Socket.Number);
            watched.Socket.Dispose();
        }
    }

    /// <summary>What made an id ready; null when the id is no socket's, or it is watched no longer.</summary>
    internal NodeEvent.Connected? Take(ulong id)
    {
        if (!_byId.TryGetValue(id, out var watched))
        {
            return null;
        }

        // The connection stays where it is, for the service to accept; without this it would be reported again and again.
        Remove(watched.Service);
        return new NodeEvent.Connected(watched.Service);
    }

    public void Dispose()
    {
        foreach (var (_, socket) in _byId.Values)
        {
            socket.Dispose();
        }
    }
}
