using Strata.Contracts;
using Strata.Ipc;

namespace Strata.Identity;

/// <summary>
/// Who follows identity, how far each has confirmed, and who left without a goodbye. Pure: it is told the time, and its
/// caller sees to it that one thread at a time uses it.
/// </summary>
/// <remarks>
/// A verifier whose watch broke may still be running and allow what it knew last, until its own staleness bound makes it
/// deny. So it counts as unconfirmed until that bound has passed, or until a new watch of the same name and user takes its
/// place. A verifier that said goodbye verifies no more and does not count.
/// </remarks>
/// <param name="staleness">The bound, in ticks of the timestamps.</param>
internal sealed class WatcherBook(long staleness)
{
    /// <summary>Watches at once.</summary>
    internal const int MaxWatchers = 64;

    /// <summary>Verifiers counted at once, watching or lost.</summary>
    internal const int MaxVerifiers = 128;

    /// <summary>Verifiers of one user id among them: whoever may watch must not keep the node's own services out.</summary>
    internal const int MaxVerifiersPerUid = 48;

    private readonly Dictionary<string, Watcher> _watchers = new(StringComparer.Ordinal);
    private readonly List<(VerifierName Name, long Until)> _lost = [];

    /// <summary>Everybody who counts, one entry a verifier.</summary>
    internal IEnumerable<VerifierName> Everybody => _watchers.Values.Select(w => w.Name).Concat(_lost.Select(l => l.Name));

    /// <summary>Those watching.</summary>
    internal IReadOnlyCollection<Watcher> Watchers => _watchers.Values;

    /// <summary>Counts a verifier as lost from now on: one that an earlier run of identity knew.</summary>
    internal void AddLost(VerifierName name, long now) => _lost.Add((name, now + staleness));

    /// <summary>Lets a verifier in; null when there is no room.</summary>
    internal Watcher? Join(string watchId, VerifierName name, long now)
    {
        Expire(now);
        var replaced = _lost.FindIndex(l => l.Name == name);
        if (_watchers.Count >= MaxWatchers || (replaced < 0 && IsFullFor(name.Uid)))
        {
            return null;
        }

        if (replaced >= 0)
        {
            _lost.RemoveAt(replaced);
        }

        var watcher = new Watcher(watchId, name);
        _watchers.Add(watchId, watcher);
        return watcher;
    }

    private bool IsFullFor(uint uid) =>
        _watchers.Count + _lost.Count >= MaxVerifiers || Everybody.Count(n => n.Uid == uid) >= MaxVerifiersPerUid;

    /// <summary>Notes a confirmation; false when that user has no such watch.</summary>
    internal bool Confirm(string watchId, uint uid, long seq)
    {
        if (!_watchers.TryGetValue(watchId, out var watcher) || watcher.Name.Uid != uid)
        {
            return false;
        }

        watcher.Confirmed = Math.Max(watcher.Confirmed, seq);
        return true;
    }

    /// <summary>Ends a watch; a second time is harmless.</summary>
    internal void Leave(Watcher watcher, bool goodbye, long now)
    {
        if (_watchers.Remove(watcher.Id) && !goodbye)
        {
            _lost.Add((watcher.Name, now + staleness));
        }
    }

    /// <summary>Forgets the lost ones that deny by themselves by now.</summary>
    internal void Expire(long now) => _lost.RemoveAll(l => now >= l.Until);

    /// <summary>When the next lost verifier stops to count; null when none is lost.</summary>
    internal long? NextExpiry => _lost.Count == 0 ? null : _lost.Min(l => l.Until);

    /// <summary>Names of those that may not have a change yet, in order, each once.</summary>
    internal IReadOnlyList<string> Unconfirmed(long seq, long now)
    {
        Expire(now);
        return
        [
            .. _watchers.Values.Where(w => w.Confirmed < seq).Select(w => w.Name).Concat(_lost.Select(l => l.Name))
                .Select(n => n.Name).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal),
        ];
    }

    /// <summary>Hands a change to everybody; a watcher whose queue is full is ended, so that it starts anew with a snapshot.</summary>
    internal void Tell(WatchItem change, long now)
    {
        foreach (var watcher in _watchers.Values.ToArray())
        {
            if (!watcher.Waiting.TryWrite(change))
            {
                watcher.Waiting.TryComplete(new RpcException(RpcError.ResourceExhausted(
                    $"{Watcher.MaxWaitingItems} changes wait for this watch, the most that may; start a new one", "watch_lagging")));
                Leave(watcher, goodbye: false, now);
            }
        }
    }

    /// <summary>Shows everybody who waits for nothing else that identity lives.</summary>
    internal void Beat(long seq, long madeAtMs)
    {
        var beat = new WatchItem("heartbeat", seq, MadeAtMs: madeAtMs);
        foreach (var watcher in _watchers.Values)
        {
            if (watcher.Items.Count == 0)
            {
                watcher.Waiting.TryWrite(beat);
            }
        }
    }
}
