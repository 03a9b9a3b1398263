using Strata.Linux;

namespace Strata.Sandbox;

/// <summary>
/// Outputs of commands that were answered while a background job of theirs still held them: what comes is read and dropped, so that the job
/// neither waits nor dies of it. Of too many the oldest are closed.
/// </summary>
internal sealed class Lingering(DescriptorLoop loop) : IDisposable
{
    /// <summary>The most of one session.</summary>
    internal const int MaxOutputs = 64;

    private static readonly byte[] Dropped = new byte[64 * 1024];

    private readonly Lock _lock = new();
    private readonly LinkedList<WatchedPipe> _watches = new();

    /// <summary>Goes on reading.</summary>
    internal void Add(FileDescriptor reader)
    {
        WatchedPipe? watch = null;
        watch = loop.Watch(reader, EpollEvents.Readable, () => Drop(watch!));
        lock (_lock)
        {
            _watches.AddLast(watch);
            if (_watches.Count > MaxOutputs)
            {
                _watches.First!.Value.Dispose();
                _watches.RemoveFirst();
            }
        }

        watch.Arm();
    }

    public void Dispose()
    {
        lock (_lock)
        {
            foreach (var watch in _watches)
            {
                watch.Dispose();
            }

            _watches.Clear();
        }
    }

    private void Drop(WatchedPipe watch)
    {
        if (watch.TryRead(Dropped) is > 0 or -Errno.EAGAIN or -Errno.EINTR)
        {
            watch.Arm();
            return;
        }

        watch.Dispose();
        // Elsewhere: whoever adds another holds the lock and may wait for this thread to leave a watch.
        _ = Task.Run(() =>
        {
            lock (_lock)
            {
                _watches.Remove(watch);
            }
        });
    }
}
