using Strata.Hosting;
using Strata.Policy;

namespace Strata.Sandbox;

/// <summary>Sessions that end without being asked to, and those of an earlier process.</summary>
internal sealed partial class SandboxSessions
{
    private readonly TaskCompletionSource _restored = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes once the sessions of an earlier process are there again, or lost.</summary>
    internal Task Restored => _restored.Task;

    /// <summary>Closes what is over, until cancelled.</summary>
    internal async Task ReapAsync(CancellationToken cancellation)
    {
        using var timer = new PeriodicTimer(_options.ReapInterval, _time);
        try
        {
            while (await timer.WaitForNextTickAsync(cancellation).ConfigureAwait(false))
            {
                await ReapOnceAsync().ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException)
        {
            // The service stops.
        }
    }

    /// <summary>Closes what is over now.</summary>
    /// <returns>How many that were.</returns>
    internal async Task<int> ReapOnceAsync()
    {
        var over = Table.All().Select(slot => (Slot: slot, Why: Over(slot))).Where(found => found.Why is not null).ToArray();
        await Task.WhenAll(over.Select(found => CloseAsync(found.Slot, found.Why!, call: null))).ConfigureAwait(false);
        return over.Length;
    }

    /// <summary>Ends the sessions of capabilities that are revoked by now: what was started with them does not go on.</summary>
    internal void CloseRevoked()
    {
        foreach (var slot in Table.All().Where(slot => slot.Made.Task.IsCompleted && _revocations.Check(slot.Capability) == RevocationStatus.Revoked))
        {
            Track(CloseAsync(slot, DenyReasons.CodeOf(DenyReason.Revoked), call: null));
        }
    }

    /// <summary>When a session ends unless it is used, and when in any case.</summary>
    internal (DateTimeOffset Unused, DateTimeOffset Latest) EndsOf(SessionSlot slot)
    {
        var now = _time.GetUtcNow();
        var latest = now + TimeSpan.FromSeconds(_options.MaxLifetimeSeconds) - _time.GetElapsedTime(slot.BornAt);
        var unused = now + TimeSpan.FromSeconds(slot.Record.Terms.TtlSeconds) - IdleOf(slot);
        return (unused < latest ? unused : latest, latest);
    }

    /// <summary>
    /// Brings back the sessions of an earlier process: whatever that left running ends, what it kept gets a new sandbox. Those that were not written whole never were.
    /// </summary>
    internal async Task RestoreAsync(CancellationToken cancellation)
    {
        try
        {
            await Networks.Bridge.ReconcileAsync().ConfigureAwait(false);
            _store.FinishRemovals();
            var slots = new List<SessionSlot>();
            foreach (var id in _store.Ids())
            {
                _engine.CleanUp(id);
                if (ReadSlot(id, out var isRefuse) is { } slot)
                {
                    slots.Add(slot);
                    Table.Restore(slot);
                }
                else if (isRefuse)
                {
                    Discard(id);
                }
            }

            var parallel = new ParallelOptions { MaxDegreeOfParallelism = _options.RestoredAtOnce, CancellationToken = cancellation };
            await Parallel.ForEachAsync(slots, parallel, RestoreOneAsync).ConfigureAwait(false);
            if (slots.Count > 0)
            {
                var lost = slots.Count(s => s.Lost is not null);
                _log.SessionsRestored(slots.Count, slots.Count - lost, lost);
            }

            CloseRevoked();
            _restored.TrySetResult();
        }
        catch (OperationCanceledException)
        {
            _restored.TrySetCanceled(CancellationToken.None);
        }
        catch (Exception e)
        {
            _restored.TrySetException(e);
            throw;
        }
    }

    private async ValueTask RestoreOneAsync(SessionSlot slot, CancellationToken cancellation)
    {
        await slot.Change.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            if (_revocations.Check(slot.Capability) != RevocationStatus.Revoked)
            {
                await MakeAnewAsync(slot, "restarted", cancellation).ConfigureAwait(false);
            }
        }
        finally
        {
            slot.Change.Release();
            slot.Made.TrySetResult();
        }
    }

    /// <summary>What is there of a session; what cannot be read is left for a person to look at, and what was never written is refuse.</summary>
    private SessionSlot? ReadSlot(string id, out bool isRefuse)
    {
        var record = _store.Load(id, out var fault);
        var claims = record?.ReadCapability();
        isRefuse = record is null && fault is null;
        if (record is null || claims is null)
        {
            if (!isRefuse)
            {
                _log.SessionUnreadable(id, fault ?? "names a capability that this version does not read");
            }

            return null;
        }

        var age = _time.GetUtcNow() - record.Created;
        if (age >= TimeSpan.FromSeconds(_options.MaxLifetimeSeconds))
        {
            Events.Tell("closed", record.Key, SessionLife.TooOld);
            isRefuse = true;
            return null;
        }

        var ticks = (long)(Math.Max(0, age.TotalSeconds) * _time.TimestampFrequency);
        return new SessionSlot(record, claims, _time.GetTimestamp() - ticks);
    }

    private string? Over(SessionSlot slot) => slot.IsClosing || !slot.Made.Task.IsCompleted
        ? null
        : SessionLife.Over(
            IdleOf(slot), _time.GetElapsedTime(slot.BornAt), slot.Session is { Uses: > 0 }, TimeSpan.FromSeconds(slot.Record.Terms.TtlSeconds),
            TimeSpan.FromSeconds(_options.MaxLifetimeSeconds));

    private TimeSpan IdleOf(SessionSlot slot) => slot.Session?.Idle ?? (slot.Lost is null ? TimeSpan.Zero : _time.GetElapsedTime(slot.LostAt));
}
