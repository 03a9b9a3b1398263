using Strata.Linux;

namespace Strata.Hosting;

/// <summary>
/// All watches of the service on one inotify instance, of which a user has few, and one thread that hands out what it tells. The thread
/// is started with the first watch and never waits for a holder.
/// </summary>
internal sealed class WatchBoard(int maxWatches) : IDisposable
{
    private const ulong StopId = 0;
    private const ulong EventsId = 1;

    private readonly Lock _changing = new();
    private readonly Dictionary<int, List<WatchQueue>> _watches = [];
    private Inotify? _inotify;
    private EventFd? _stop;
    private Thread? _thread;
    private int _count;

    /// <summary>Watches.</summary>
    internal int Count => Volatile.Read(ref _count);

    /// <summary>Sets a watch on a place.</summary>
    /// <returns>0, or a negated error number; ENOSPC when there are as many as may be.</returns>
    internal int TryAdd(WatchQueue watch, int place)
    {
        lock (_changing)
        {
            if (_count >= maxWatches)
            {
                return -Errno.ENOSPC;
            }

            var number = Start() is { } inotify ? inotify.TryAdd(place) : -Errno.EMFILE;
            if (number < 0)
            {
                return number;
            }

            if (!_watches.TryGetValue(number, out var sharing))
            {
                _watches[number] = sharing = [];
            }

            watch.Number = number;
            sharing.Add(watch);
            _count++;
            return 0;
        }
    }

    /// <summary>Ends a watch; nothing happens when it has ended.</summary>
    internal void Remove(WatchQueue watch)
    {
        lock (_changing)
        {
            if (!_watches.TryGetValue(watch.Number, out var sharing) || !sharing.Remove(watch))
            {
                return;
            }

            _count--;
            if (sharing.Count == 0)
            {
                _watches.Remove(watch.Number);
                _ = _inotify?.TryRemove(watch.Number);
            }
        }
    }

    public void Dispose()
    {
        Thread? thread;
        lock (_changing)
        {
            thread = _thread;
            _stop?.Signal();
        }

        thread?.Join();
        _inotify?.Dispose();
        _stop?.Dispose();
    }

    private Inotify? Start()
    {
        if (_inotify is not null)
        {
            return _inotify;
        }

        try
        {
            _stop = new EventFd();
            _inotify = new Inotify();
        }
        catch (LinuxException)
        {
            _stop?.Dispose();
            _stop = null;
            return null;
        }

        _thread = new Thread(() => Run(_inotify, _stop)) { IsBackground = true, Name = "file-watch" };
        _thread.Start();
        return _inotify;
    }

    private void Run(Inotify inotify, EventFd stop)
    {
        using var epoll = new Epoll();
        epoll.Add(stop.Handle.Number, EpollEvents.Readable, StopId);
        epoll.Add(inotify.Handle.Number, EpollEvents.Readable, EventsId);
        var ready = new EpollReady[2];
        while (true)
        {
            var count = epoll.Wait(ready, -1);
            for (var i = 0; i < count; i++)
            {
                if (ready[i].UserData == StopId)
                {
                    return;
                }
            }

            HandOut(inotify);
        }
    }

    private void HandOut(Inotify inotify)
    {
        while (inotify.TryNext(out var change) == 1)
        {
            lock (_changing)
            {
                if ((change.Changes & WatchedChanges.Overflow) != 0)
                {
                    // The kernel's queue is everybody's: whose events were lost, nobody knows.
                    foreach (var watch in _watches.Values.SelectMany(sharing => sharing))
                    {
                        watch.Lose();
                    }

                    continue;
                }

                if (_watches.TryGetValue(change.Watch, out var told))
                {
                    foreach (var watch in told)
                    {
                        watch.Tell(change);
                    }
                }
            }
        }
    }
}
