using System.Collections.Concurrent;
using Strata.Linux;

namespace Strata.Sandbox;

/// <summary>One thread that waits for the pipes and terminals of all sandboxes.</summary>
internal sealed class DescriptorLoop : IDisposable
{
    private const ulong WakeId = 0;

    private readonly Epoll _epoll = new();
    private readonly EventFd _wake = new();
    private readonly ConcurrentDictionary<ulong, WatchedPipe> _watches = new();
    private readonly Thread _thread;
    private long _lastId;
    private volatile bool _stopped;

    internal DescriptorLoop()
    {
        _epoll.Add(_wake.Handle.Number, EpollEvents.Readable, WakeId);
        _thread = new Thread(Run) { Name = "sandbox pipes", IsBackground = true };
        _thread.Start();
    }

    /// <summary>Watches a descriptor, which the watch owns from here on.</summary>
    /// <param name="descriptor">A pipe, FIFO or terminal, non-blocking.</param>
    /// <param name="events">What is waited for.</param>
    /// <param name="ready">Runs on the loop's thread, never beside itself and never after the watch's disposal; must not wait.</param>
    internal WatchedPipe Watch(FileDescriptor descriptor, EpollEvents events, Action ready)
    {
        var id = (ulong)Interlocked.Increment(ref _lastId);
        return _watches[id] = new WatchedPipe(this, id, descriptor, events, ready);
    }

    internal int TryArm(int descriptor, EpollEvents events, ulong id, bool isFirst) =>
        isFirst ? _epoll.TryAdd(descriptor, events, id) : _epoll.TryModify(descriptor, events, id);

    internal void Forget(int descriptor, ulong id, bool wasArmed)
    {
        if (_watches.TryRemove(id, out _) && wasArmed && !_stopped)
        {
            _ = _epoll.TryRemove(descriptor);
        }
    }

    public void Dispose()
    {
        if (!_stopped)
        {
            _stopped = true;
            _wake.Signal();
            _thread.Join();
            foreach (var watch in _watches.Values)
            {
                watch.Dispose();
            }

            _epoll.Dispose();
            _wake.Dispose();
        }
    }

    private void Run()
    {
        var ready = new EpollReady[64];
        while (!_stopped)
        {
            var count = _epoll.Wait(ready, -1);
            for (var i = 0; i < count; i++)
            {
                if (ready[i].UserData != WakeId && _watches.TryGetValue(ready[i].UserData, out var watch))
                {
                    watch.Fire();
                }
            }
        }
    }
}
