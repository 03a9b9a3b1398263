using Microsoft.Extensions.Logging;
using Strata.Linux;
using Strata.Policy;

namespace Strata.Identity;

/// <summary>
/// The one ledger of used capabilities of a node. A use is consented to once and for all: it stands in memory before anybody else can
/// ask, and on disk before whoever asked is told.
/// </summary>
internal sealed class UseLedger : IDisposable
{
    /// <summary>Most used capabilities on record: 262 144. Each lapses when its capability has expired.</summary>
    internal const int MaxEntries = 262_144;

    /// <summary>Uses that may wait to be written.</summary>
    internal const int MaxWaiting = 1024;

    /// <summary>Says that there was a ledger: from then on a missing one is a loss.</summary>
    private const string BegunName = "uses-begun";

    private static readonly TimeSpan PruneInterval = TimeSpan.FromMinutes(1);

    /// <summary>However many ask at a full ledger, it is not searched more often.</summary>
    private static readonly TimeSpan ForgetInterval = TimeSpan.FromSeconds(1);

    private readonly Lock _changing = new();
    private readonly Dictionary<PackedId, long> _used = [];
    private readonly BatchQueue<Waiting> _queue = new(MaxWaiting, MaxWaiting);
    private readonly RevocationLog _store;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly int _maxEntries;
    private long _prunedAt;
    private long _forgotAt;

    private UseLedger(RevocationLog store, IReadOnlyList<RevokedCapability> known, TimeProvider time, ILogger log, int maxEntries)
    {
        (_store, _time, _log, _maxEntries) = (store, time, log, maxEntries);
        foreach (var entry in known)
        {
            _used[PackedId.Of(entry.CapabilityId)] = entry.ExpiresAt.ToUnixTimeSeconds();
        }

        (_prunedAt, _forgotAt) = (time.GetTimestamp(), time.GetTimestamp());
    }

    /// <summary>How many are on record.</summary>
    internal int Count
    {
        get
        {
            lock (_changing)
            {
                return _used.Count;
            }
        }
    }

    /// <summary>Reads the ledger, or begins one.</summary>
    /// <exception cref="Strata.Hosting.SettingsException">It is damaged or lost: identity does not start, and nothing is usable twice.</exception>
    internal static UseLedger Open(IdentityDirectory directory, TimeProvider time, ILogger log, int maxEntries = MaxEntries)
    {
        var isNew = directory.TryRead(BegunName, 64) is null;
        var (store, known) = RevocationLog.Open(directory, isNew, time.GetUtcNow(), log, CapabilityLogKind.Uses);
        if (isNew)
        {
            directory.Replace(BegunName, "strata-uses 1\n"u8);
        }

        return new UseLedger(store, known, time, log, maxEntries);
    }

    /// <summary>Whether a capability was used.</summary>
    internal bool IsUsed(string capabilityId)
    {
        lock (_changing)
        {
            return _used.ContainsKey(PackedId.Of(capabilityId));
        }
    }

    /// <summary>Spends the one use of a capability.</summary>
    /// <param name="id">The capability.</param>
    /// <param name="expiresAt">When it ends. It must not be longer ago than the largest clock skew.</param>
    internal Task<UseOutcome> SpendAsync(PackedId id, DateTimeOffset expiresAt)
    {
        lock (_changing)
        {
            if (_used.ContainsKey(id))
            {
                return Task.FromResult(UseOutcome.AlreadyUsed);
            }

            if (_used.Count >= _maxEntries && Forget() == 0)
            {
                return Task.FromResult(UseOutcome.Full);
            }

            var waiting = new Waiting(id, expiresAt);
            if (!_queue.TryAdd(waiting))
            {
                return Task.FromResult(_queue.HasEnded ? UseOutcome.Stopping : UseOutcome.Full);
            }

            _used.Add(id, expiresAt.ToUnixTimeSeconds());
            return waiting.Done.Task;
        }
    }

    /// <summary>Writes until cancelled.</summary>
    internal Task RunAsync(CancellationToken cancellation) => _queue.RunAsync(WriteBatch, left => Refuse(left, UseOutcome.Stopping), cancellation);

    /// <summary>Writes what waits now. Blocks for the disk.</summary>
    internal void WriteBatch()
    {
        var batch = _queue.Take();
        try
        {
            PruneWhenDue();
            _store.Append([.. batch.Select(w => new RevokedCapability(w.Id.ToString(), w.ExpiresAt))], Live);
            batch.ForEach(w => w.Done.TrySetResult(UseOutcome.Used));
        }
        catch (LinuxException e)
        {
            _log.UsesNotStored(e.Message);
        }
        finally
        {
            // Whatever happened, nobody is left waiting. What may be on disk all the same is a use that was never made.
            Refuse(batch, UseOutcome.DiskFails);
        }
    }

    public void Dispose() => _store.Dispose();

    private void Refuse(List<Waiting> batch, UseOutcome outcome)
    {
        lock (_changing)
        {
            foreach (var waiting in batch.Where(w => !w.Done.Task.IsCompleted))
            {
                _used.Remove(waiting.Id);
                waiting.Done.TrySetResult(outcome);
            }
        }
    }

    private RevokedCapability[] Live()
    {
        lock (_changing)
        {
            return [.. _used.Select(u => new RevokedCapability(u.Key.ToString(), DateTimeOffset.FromUnixTimeSeconds(u.Value)))];
        }
    }

    private void PruneWhenDue()
    {
        if (_time.GetElapsedTime(_prunedAt) < PruneInterval)
        {
            return;
        }

        _prunedAt = _time.GetTimestamp();
        lock (_changing)
        {
            Forget();
        }

        if (_store.WantsRewrite(Count))
        {
            _store.Rewrite(Live());
        }
    }

    /// <summary>Drops what no clock of this node takes for valid any more.</summary>
    private int Forget()
    {
        if (_time.GetElapsedTime(_forgotAt) < ForgetInterval)
        {
            return 0;
        }

        _forgotAt = _time.GetTimestamp();
        var last = (_time.GetUtcNow() - ClockSkew.Max).ToUnixTimeSeconds();
        var before = _used.Count;
        foreach (var (id, expires) in _used)
        {
            if (expires < last)
            {
                _used.Remove(id);
            }
        }

        return before - _used.Count;
    }

    private sealed record Waiting(PackedId Id, DateTimeOffset ExpiresAt)
    {
        internal TaskCompletionSource<UseOutcome> Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
