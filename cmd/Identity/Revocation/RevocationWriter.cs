using Microsoft.Extensions.Logging;
using Strata.Ipc;
using Strata.Linux;
using Strata.Policy;

namespace Strata.Identity;

/// <summary>
/// The one place where revocations reach the disk, in batches. A revocation is published only once it is on disk.
/// </summary>
internal sealed class RevocationWriter(RevocationLog store, RevocationBoard board, TimeProvider time, ILogger log, int maxLive = RevocationSet.DefaultMaxEntries)
{
    /// <summary>Revocations that may wait to be written.</summary>
    internal const int MaxWaiting = 1024;

    /// <summary>Revocations written at once, and so in one change: a change item stays small.</summary>
    internal const int MaxBatch = 512;

    private static readonly TimeSpan PruneInterval = TimeSpan.FromMinutes(1);

    private readonly BatchQueue<Waiting> _queue = new(MaxWaiting, MaxBatch);
    private long _prunedAt = time.GetTimestamp();

    /// <summary>Stores a revocation and puts it in force.</summary>
    /// <returns>The sequence number of the change, or why nothing was changed.</returns>
    internal async Task<Reply<long>> RevokeAsync(RevokedCapability revoked)
    {
        if (board.SeqOf(revoked.CapabilityId) is { } known)
        {
            return known;
        }

        return await EnqueueAsync(new Waiting(revoked, null)).ConfigureAwait(false);
    }

    /// <summary>Stores a rule and puts it in force.</summary>
    internal async Task<Reply<long>> RevokeAsync(RevocationRule rule) =>
        board.Revocations.Covers(rule) ? board.Seq : await EnqueueAsync(new Waiting(default, rule)).ConfigureAwait(false);

    private async Task<Reply<long>> EnqueueAsync(Waiting waiting)
    {
        if (!_queue.TryAdd(waiting))
        {
            return RpcError.ResourceExhausted($"{MaxWaiting} revocations wait to be stored, the most that may; try again", "too_many_revocations");
        }

        return await waiting.Done.Task.ConfigureAwait(false);
    }

    /// <summary>Writes until cancelled.</summary>
    internal Task RunAsync(CancellationToken cancellation) =>
        _queue.RunAsync(WriteBatch, left => Refuse(left, RpcError.Unavailable("identity is stopping; nothing was revoked", "draining")), cancellation);

    /// <summary>Writes what waits now. Blocks for the disk.</summary>
    internal void WriteBatch()
    {
        var batch = _queue.Take();
        try
        {
            Write(batch);
        }
        catch (LinuxException e)
        {
            log.NotStored(e.Message);
            Refuse(batch, ErrorOf(e));
        }
        finally
        {
            // Whatever happened, nobody is left waiting.
            Refuse(batch, RpcError.Internal("the revocation could not be stored; see the log of identity"));
        }
    }

    private void Write(List<Waiting> batch)
    {
        PruneWhenDue(batch.Count);
        var room = maxLive - board.Revocations.Count;
        var added = new Dictionary<string, RevokedCapability>(StringComparer.Ordinal);
        var rules = new List<RevocationRule>();
        foreach (var waiting in batch)
        {
            if (waiting.Rule is { } rule)
            {
                Take(waiting, rule, rules);
                continue;
            }

            var id = waiting.Revoked.CapabilityId;
            if (board.SeqOf(id) is { } known)
            {
                waiting.Done.TrySetResult(known);
            }
            else if (added.Count < room || added.ContainsKey(id))
            {
                added[id] = waiting.Revoked;
            }
            else
            {
                waiting.Done.TrySetResult(RpcError.ResourceExhausted(
                    $"{maxLive} revocations are in force, the most there may be; they lapse as their capabilities expire", "revocations_full"));
            }
        }

        if (added.Count == 0 && rules.Count == 0)
        {
            return;
        }

        store.Append(added.Values, () => board.Revocations.ToSnapshot(), rules, () => board.Revocations.Rules);
        var seq = board.Publish(added.Values, rules);
        foreach (var waiting in batch)
        {
            waiting.Done.TrySetResult(seq);
        }
    }

    private void Take(Waiting waiting, RevocationRule rule, List<RevocationRule> rules)
    {
        var inForce = board.Revocations.Rules;
        if (board.Revocations.Covers(rule))
        {
            waiting.Done.TrySetResult(board.Seq);
        }
        else if (inForce.Count + rules.Count < RevocationSet.MaxRules || inForce.Any(r => (r.Scope, r.Value) == (rule.Scope, rule.Value)))
        {
            rules.Add(rule);
        }
        else
        {
            waiting.Done.TrySetResult(RpcError.ResourceExhausted(
                $"{RevocationSet.MaxRules} revocations by rule are in force, the most there may be; they lapse as what they ended expires", "revocations_full"));
        }
    }

    private void PruneWhenDue(int coming)
    {
        var isFull = board.Revocations.Count + coming > maxLive;
        if (!isFull && time.GetElapsedTime(_prunedAt) < PruneInterval)
        {
            return;
        }

        _prunedAt = time.GetTimestamp();
        board.Prune();
        if (!store.WantsRewrite(board.Revocations.Count + board.Revocations.Rules.Count))
        {
            return;
        }

        try
        {
            store.Rewrite(board.Revocations.ToSnapshot(), board.Revocations.Rules);
        }
        catch (LinuxException e)
        {
            log.CompactionFailed(e.Message);
        }
    }

    private static void Refuse(List<Waiting> batch, RpcError error)
    {
        foreach (var waiting in batch)
        {
            waiting.Done.TrySetResult(error);
        }
    }

    private static RpcError ErrorOf(LinuxException e) => e.Errno is Errno.ENOSPC or Errno.EDQUOT
        ? RpcError.ResourceExhausted("the disk with the state dir is full, so nothing was revoked; make room and try again", "storage_full")
        : RpcError.Unavailable("the revocation could not be stored, so it is not in force; see the log of identity and try again", "storage_failed");

    private sealed record Waiting(RevokedCapability Revoked, RevocationRule? Rule)
    {
        internal TaskCompletionSource<Reply<long>> Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
