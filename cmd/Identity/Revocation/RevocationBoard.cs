using Strata.Hosting;
using Strata.Contracts;
using Strata.Policy;
using RevokedCapability = Strata.Policy.RevokedCapability;
using VerificationKey = Strata.Contracts.VerificationKey;
using Strata.Linux;

namespace Strata.Identity;

/// <summary>
/// What is revoked and by which keys tokens verify, in which order that changed, and who has been told. Everything here is already on disk: see
/// <see cref="RevocationWriter"/>. All members are safe from any thread and none waits for a disk or a peer.
/// </summary>
internal sealed class RevocationBoard
{
    private readonly Lock _changing = new();
    private readonly Dictionary<string, long> _seqById = new(StringComparer.Ordinal);
    private readonly WatcherBook _book;
    private readonly TimeProvider _time;
    private IReadOnlyList<VerificationKey> _keys;
    private TaskCompletionSource _progress = NewSignal();
    private long _seq;

    /// <summary>Starts from what the disk holds.</summary>
    /// <param name="loaded">The revocations.</param>
    /// <param name="known">Verifiers of the previous run, which may still be running.</param>
    /// <param name="staleness">After this long without a word a verifier denies by itself.</param>
    /// <param name="time">The clock.</param>
    /// <param name="rules">The revocations by rule.</param>
    /// <param name="keys">The keys by which tokens verify.</param>
    internal RevocationBoard(
        IEnumerable<RevokedCapability> loaded, IEnumerable<VerifierName> known, TimeSpan staleness, TimeProvider time, IEnumerable<RevocationRule>? rules = null,
        IReadOnlyList<VerificationKey>? keys = null)
    {
        _keys = keys ?? [];
        _time = time;
        _book = new WatcherBook((long)(staleness.TotalSeconds * time.TimestampFrequency));
        Revocations.Replace(loaded, rules ?? []);
        foreach (var verifier in known)
        {
            _book.AddLost(verifier, time.GetTimestamp());
        }
    }

    /// <summary>Told after a change is in force here.</summary>
    internal event Action? Published;

    /// <summary>The number of the last change.</summary>
    internal long Seq
    {
        get
        {
            lock (_changing)
            {
                return _seq;
            }
        }
    }

    /// <summary>The revocations in force, for identity's own verifier too.</summary>
    internal RevocationSet Revocations { get; } = new();

    /// <summary>Everybody who counts as a verifier now.</summary>
    internal IReadOnlyList<VerifierName> Verifiers
    {
        get
        {
            lock (_changing)
            {
                return [.. _book.Everybody];
            }
        }
    }

    /// <summary>The change by which a capability was revoked, 0 when an earlier run did; null when it is not revoked.</summary>
    internal long? SeqOf(string capabilityId)
    {
        lock (_changing)
        {
            return Revocations.Check(capabilityId) == RevocationStatus.Revoked ? _seqById.GetValueOrDefault(capabilityId) : null;
        }
    }

    /// <summary>The machine's monotonic clock, which verifiers read as well.</summary>
    internal long NowMs => MonotonicClock.Milliseconds(_time);

    /// <summary>Puts stored revocations in force and tells every verifier.</summary>
    /// <returns>The change's sequence number.</returns>
    internal long Publish(IReadOnlyCollection<RevokedCapability> revoked, IReadOnlyCollection<RevocationRule>? rules = null)
    {
        long seq;
        lock (_changing)
        {
            seq = ++_seq;
            foreach (var rule in rules ?? [])
            {
                _ = Revocations.AddRule(rule);
            }

            foreach (var entry in revoked)
            {
                _ = Revocations.Add(entry);
                _seqById[entry.CapabilityId] = _seq;
            }

            _book.Tell(new WatchItem("change", _seq, Revoked: WatchStream.ToContract(revoked), MadeAtMs: NowMs)
            {
                Rules = rules is { Count: > 0 } ? WatchStream.ToContract(rules) : null,
            }, _time.GetTimestamp());
        }

        Published?.Invoke();
        return seq;
    }

    /// <summary>Tells every verifier by which keys tokens verify from now on.</summary>
    /// <returns>The change's sequence number.</returns>
    internal long Publish(IReadOnlyList<VerificationKey> keys)
    {
        lock (_changing)
        {
            _keys = keys;
            _book.Tell(new WatchItem("change", ++_seq, Keys: keys, MadeAtMs: NowMs), _time.GetTimestamp());
            return _seq;
        }
    }

    /// <summary>Forgets what has expired by itself.</summary>
    internal void Prune()
    {
        lock (_changing)
        {
            if (Revocations.Prune(_time.GetUtcNow()) == 0)
            {
                return;
            }

            foreach (var id in _seqById.Keys.Where(id => Revocations.Check(id) != RevocationStatus.Revoked).ToArray())
            {
                _seqById.Remove(id);
            }
        }
    }

    /// <summary>Lets a verifier in, with all that is revoked at that instant; changes after it wait in the watcher.</summary>
    /// <returns>Null when there is no room.</returns>
    internal (Watcher Watcher, RevocationSnapshot Snapshot, long Seq)? Join(VerifierName name)
    {
        var id = SecureRandom.Hex(16);
        lock (_changing)
        {
            return _book.Join(id, name, _time.GetTimestamp()) is { } watcher ? (watcher, Snapshot(), _seq) : null;
        }
    }

    /// <summary>A snapshot for somebody who does not follow.</summary>
    internal (RevocationSnapshot Snapshot, long Seq) Look()
    {
        lock (_changing)
        {
            return (Snapshot(), _seq);
        }
    }

    /// <summary>Ends a watch.</summary>
    internal void Leave(Watcher watcher, bool goodbye)
    {
        lock (_changing)
        {
            _book.Leave(watcher, goodbye, _time.GetTimestamp());
            SignalProgress();
        }
    }

    /// <summary>Takes a verifier's word that it has every change up to a number.</summary>
    internal ConfirmOutcome Confirm(string watchId, uint uid, long seq)
    {
        lock (_changing)
        {
            if (seq > _seq)
            {
                return ConfirmOutcome.AheadOfTime;
            }

            if (!_book.Confirm(watchId, uid, seq))
            {
                return ConfirmOutcome.UnknownWatch;
            }

            SignalProgress();
            return ConfirmOutcome.Confirmed;
        }
    }

    /// <summary>Sends a heartbeat and forgets the lost verifiers whose time has passed.</summary>
    internal void Beat()
    {
        lock (_changing)
        {
            _book.Expire(_time.GetTimestamp());
            _book.Beat(_seq, NowMs);
            SignalProgress();
        }
    }

    /// <summary>Waits until every verifier has a change, but no longer than a bound.</summary>
    /// <returns>The verifiers that may not have it; empty when all have.</returns>
    internal async Task<IReadOnlyList<string>> WaitForVerifiersAsync(long seq, TimeSpan bound)
    {
        var began = _time.GetTimestamp();
        while (true)
        {
            Task progress;
            var left = bound - _time.GetElapsedTime(began);
            lock (_changing)
            {
                var now = _time.GetTimestamp();
                var pending = _book.Unconfirmed(seq, now);
                if (pending.Count == 0 || left <= TimeSpan.Zero)
                {
                    return pending;
                }

                if (_book.NextExpiry is { } expiry && _time.GetElapsedTime(now, expiry) < left)
                {
                    left = _time.GetElapsedTime(now, expiry);
                }

                progress = _progress.Task;
            }

            await progress.WaitAsync(AtLeastOneMillisecond(left), _time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    // Timers count whole milliseconds: a shorter wait would end before its time and go round in circles.
    private static TimeSpan AtLeastOneMillisecond(TimeSpan span) => TimeSpan.FromMilliseconds(Math.Max(1, Math.Ceiling(span.TotalMilliseconds)));

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private RevocationSnapshot Snapshot() => new(Revocations.ToSnapshot(), Revocations.Rules, _keys);

    private void SignalProgress()
    {
        _progress.SetResult();
        _progress = NewSignal();
    }
}
