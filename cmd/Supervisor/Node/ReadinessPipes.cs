using Strata.Linux;
using Strata.Supervision;

namespace Strata.Supervisor;

/// <summary>
/// Readiness in the s6 style: a service writes a newline to the descriptor that STRATA_READY_FD names. The reading ends,
/// by child; they belong to the node's loop.
/// </summary>
internal sealed class ReadinessPipes(Epoll epoll) : IDisposable
{
    /// <summary>Bytes a service may write before its newline; with more it has said something else, and is heard no longer.</summary>
    internal const int MaxBytes = 4096;

    // Tells a pipe from the process it belongs to, among the ids of the loop.
    private const ulong Mark = 1UL << 63;

    private readonly Dictionary<ulong, Pipe> _pipes = [];

    /// <summary>Listens to a child.</summary>
    internal void Add(ChildTable.Child child, FileDescriptor reader)
    {
        epoll.Add(reader.Number, EpollEvents.Readable, child.Id | Mark);
        _pipes.Add(child.Id, new Pipe(child, reader));
    }

    /// <summary>Reads what made an id ready; null when the id is no pipe's, or it says nothing yet.</summary>
    internal NodeEvent? Take(ulong id) => (id & Mark) != 0 && _pipes.TryGetValue(id & ~Mark, out var pipe) ? Read(pipe) : null;

    /// <summary>The last word of a child that has ended; its pipe is closed.</summary>
    internal NodeEvent? TakeLast(ChildTable.Child child)
    {
        if (!_pipes.TryGetValue(child.Id, out var pipe))
        {
            return null;
        }

        var said = Read(pipe);
        Close(pipe);
        return said;
    }

    public void Dispose()
    {
        foreach (var pipe in _pipes.Values)
        {
            pipe.Reader.Dispose();
        }
    }

    private NodeEvent.Ready? Read(Pipe pipe)
    {
        Span<byte> buffer = stackalloc byte[MaxBytes];
        var count = Descriptors.TryRead(pipe.Reader.Number, buffer[..(MaxBytes - pipe.Bytes)]);
        if (count is -Errno.EAGAIN or -Errno.EINTR)
        {
            return null;
        }

        var isReady = count > 0 && buffer[..count].Contains((byte)'\n');
        pipe.Bytes += Math.Max(count, 0);
        if (isReady || count <= 0 || pipe.Bytes >= MaxBytes)
        {
            Close(pipe);
        }

        return isReady ? new NodeEvent.Ready(pipe.Child.Name, pipe.Child.Incarnation, ReadinessMethod.Fd) : null;
    }

    private void Close(Pipe pipe)
    {
        if (_pipes.Remove(pipe.Child.Id))
        {
            _ = epoll.TryRemove(pipe.Reader.Number);
            pipe.Reader.Dispose();
        }
    }

    private sealed class Pipe(ChildTable.Child child, FileDescriptor reader)
    {
        internal ChildTable.Child Child => child;

        internal FileDescriptor Reader => reader;

        internal int Bytes { get; set; }
    }
}
