using Strata.Linux;

namespace Strata.Supervisor;

/// <summary>
/// Hears from the kernel what was denied to services, on a thread of its own that nobody waits for: it sleeps until there is
/// something, and takes a flood in portions.
/// </summary>
internal sealed class DenialWatch : IDisposable
{
    /// <summary>Denials taken before a pause; what comes faster is lost, and said to be.</summary>
    internal const int MaxTakenAtOnce = 256;

    private const int PauseMs = 100;
    private const ulong StopId = 1;
    private const ulong FeedId = 2;

    /// <summary>Denials kept for processes whose start has not been told yet.</summary>
    internal const int MaxHeld = 64;

    /// <summary>How often each of these is looked at again before it is taken for somebody else's.</summary>
    internal const int MaxLooks = 20;

    private readonly DenialBook _book;
    private readonly Func<int, string?> _ownerOf;
    private readonly DenialFeed? _feed;
    private readonly EventFd _stop = new();
    private readonly List<(int Leader, DeniedCall Denied, int Looks)> _held = [];
    private readonly Thread? _thread;

    /// <summary>Begins to listen, where the kernel lets it.</summary>
    /// <param name="book">Where counts go.</param>
    /// <param name="ownerOf">The service of a pid that is, or lately was, the first process of one; null when it is none.</param>
    internal DenialWatch(DenialBook book, Func<int, string?> ownerOf)
    {
        (_book, _ownerOf) = (book, ownerOf);
        _feed = DenialFeed.TryOpen(out var fault);
        book.Unseen = fault;
        if (_feed is not null)
        {
            _thread = new Thread(() => Run(_feed)) { IsBackground = true, Name = "denials" };
            _thread.Start();
        }
    }

    public void Dispose()
    {
        _stop.Signal();
        _thread?.Join();
        _feed?.Dispose();
        _stop.Dispose();
    }

    private void Run(DenialFeed feed)
    {
        using var both = new Epoll();
        using var stopping = new Epoll();
        both.Add(_stop.Handle.Number, EpollEvents.Readable, StopId);
        both.Add(feed.Handle.Number, EpollEvents.Readable, FeedId);
        stopping.Add(_stop.Handle.Number, EpollEvents.Readable, StopId);
        var ready = new EpollReady[2];
        while (true)
        {
            var count = both.Wait(ready, _held.Count > 0 ? PauseMs : -1);
            if (ready.AsSpan(0, count).ToArray().Any(one => one.UserData == StopId))
            {
                return;
            }

            if (count == 0)
            {
                SettleHeld();
            }

            if (count > 0 && Take(feed) == MaxTakenAtOnce)
            {
                _ = stopping.Wait(ready, PauseMs);
            }
        }
    }

    private int Take(DenialFeed feed)
    {
        var taken = 0;
        for (; taken < MaxTakenAtOnce && feed.TryReceive(out var denied) is 1 or -Errno.ENOBUFS; taken++)
        {
            if (denied is not null)
            {
                Sort(denied);
            }
        }

        return taken;
    }

    private void Sort(DeniedCall denied)
    {
        var leader = _ownerOf(denied.Pid) is null ? LeaderOf(denied.Pid) ?? denied.Pid : denied.Pid;
        if (_ownerOf(leader) is { } service)
        {
            Count(service, denied);
        }
        else if (_held.Count < MaxHeld)
        {
            _held.Add((leader, denied, 0));
        }
    }

    private void SettleHeld()
    {
        foreach (var (leader, denied, looks) in _held.ToArray())
        {
            _held.RemoveAt(0);
            if (_ownerOf(leader) is { } service)
            {
                Count(service, denied);
            }
            else if (looks + 1 < MaxLooks)
            {
                _held.Add((leader, denied, looks + 1));
            }
        }
    }

    private void Count(string service, DeniedCall denied) => _book.Add(service, "seccomp:" + denied.Call, 1, denied.Pid);

    /// <summary>Who leads the session of a process: for a service's children that is the service.</summary>
    private static int? LeaderOf(int pid) => ProcessStat.Of(pid)?.Session;
}
