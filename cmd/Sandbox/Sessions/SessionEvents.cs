using System.Globalization;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Strata.Contracts;
using Strata.Ipc;

namespace Strata.Sandbox;

/// <summary>Tells those who follow what becomes of sessions. Nobody who is slow holds up another: what does not fit is missed, and said to be.</summary>
internal sealed class SessionEvents(int maxWatchers, TimeProvider time)
{
    /// <summary>Most events that wait for one who follows.</summary>
    internal const int MaxPending = 256;

    private readonly Lock _lock = new();
    private readonly List<Watcher> _watchers = [];

    /// <summary>How many follow.</summary>
    internal int Count
    {
        get
        {
            lock (_lock)
            {
                return _watchers.Count;
            }
        }
    }

    /// <summary>Something happened to a session.</summary>
    internal void Tell(string kind, SessionKey session, string? reason = null, string? target = null)
    {
        var told = new SandboxEvent(kind, TimeText.Of(time.GetUtcNow()), session.Name, session.Owner, reason, target);
        lock (_lock)
        {
            foreach (var watcher in _watchers)
            {
                watcher.Take(session, told);
            }
        }
    }

    /// <summary>Follows from now on.</summary>
    /// <param name="owner">Whose sessions; null for everybody's.</param>
    /// <param name="name">One session's name; null for all.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="SandboxException">As many follow as may.</exception>
    internal IAsyncEnumerable<SandboxEvent> Follow(string? owner, string? name, CancellationToken cancellation)
    {
        var watcher = new Watcher(owner, name);
        lock (_lock)
        {
            if (_watchers.Count >= maxWatchers)
            {
                throw new SandboxException(ErrorCode.ResourceExhausted, SandboxReasons.TooManyWatchers,
                    string.Create(CultureInfo.InvariantCulture, $"{maxWatchers} follow events, the most that may; try again later"));
            }

            _watchers.Add(watcher);
        }

        return ReadAsync(watcher, owner is null, cancellation);
    }

    private async IAsyncEnumerable<SandboxEvent> ReadAsync(Watcher watcher, bool withOwner, [EnumeratorCancellation] CancellationToken cancellation)
    {
        try
        {
            yield return new SandboxEvent("watching", TimeText.Of(time.GetUtcNow()));
            while (await watcher.Events.WaitToReadAsync(cancellation).ConfigureAwait(false))
            {
                while (watcher.Events.TryRead(out var told))
                {
                    yield return withOwner ? told : told with { Owner = null };
                }

                if (watcher.TakeMissed())
                {
                    yield return new SandboxEvent("missed", TimeText.Of(time.GetUtcNow()));
                }
            }
        }
        finally
        {
            lock (_lock)
            {
                _watchers.Remove(watcher);
            }
        }
    }

    private sealed class Watcher(string? owner, string? name)
    {
        private readonly Channel<SandboxEvent> _events = Channel.CreateBounded<SandboxEvent>(new BoundedChannelOptions(MaxPending) { SingleReader = true });
        private int _missed;

        internal ChannelReader<SandboxEvent> Events => _events.Reader;

        internal bool TakeMissed() => Interlocked.Exchange(ref _missed, 0) == 1;

        internal void Take(SessionKey session, SandboxEvent told)
        {
            if ((owner is null || owner == session.Owner) && (name is null || name == session.Name) && !_events.Writer.TryWrite(told))
            {
                Interlocked.Exchange(ref _missed, 1);
            }
        }
    }
}
