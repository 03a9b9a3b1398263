using Strata.Hosting;
using Strata.Ipc;
using Strata.Policy;

namespace Strata.Fs;

/// <summary>
/// What the constraints <c>max_bytes</c> and <c>quota_bytes</c> leave of a capability. Of a quota this process holds a chunk at a time, from the ledger on disk;
/// only when that is used up does a write wait for the disk. Safe from any thread.
/// </summary>
/// <param name="ledger">What was given out of each quota.</param>
/// <param name="gate">Where the ledger waits for its disk.</param>
/// <param name="options">Bounds.</param>
/// <param name="time">The clock.</param>
internal sealed class ByteAllowances(QuotaLedger ledger, BlockingGate gate, FsOptions options, TimeProvider time)
{
    private readonly Lock _refilling = new();
    private readonly Dictionary<string, (long Bytes, DateTimeOffset Ends)> _left = new(StringComparer.Ordinal);

    internal static RpcError TooMuch { get; } = RpcError.ResourceExhausted(
        "that is more than the capability's max_bytes allows at a time; ask for less, or for a capability that allows more", FsReasons.MaxBytes);

    /// <summary>How much one read may give.</summary>
    internal static int Cap(CapabilityClaims claims, int bytes) => (int)Math.Min(bytes, claims.Constraints.MaxBytes ?? bytes);

    /// <summary>Whether so much may be transferred at a time.</summary>
    internal static RpcError? Check(CapabilityClaims claims, long bytes) => bytes > claims.Constraints.MaxBytes ? TooMuch : null;

    /// <summary>Takes what is about to be written from every quota of the capability; nothing is taken when one has no room.</summary>
    internal ValueTask<RpcError?> TakeAsync(CapabilityClaims claims, long bytes)
    {
        if (Check(claims, bytes) is { } excess)
        {
            return new(excess);
        }

        var quotas = claims.Quotas;
        return quotas.Count == 0 || TrySpend(quotas, bytes) ? default : gate.RunAsync(() => Refill(claims, quotas, bytes), () => CancellationToken.None);
    }

    /// <summary>Gives back what was taken and not written.</summary>
    internal void GiveBack(CapabilityClaims claims, long bytes)
    {
        if (bytes <= 0)
        {
            return;
        }

        lock (_left)
        {
            foreach (var quota in claims.Quotas)
            {
                _left[quota.CapabilityId] = (LeftOf(quota.CapabilityId) + bytes, EndOf(claims));
            }
        }
    }

    /// <summary>Gives everything that is left back to the ledger; the service has ended.</summary>
    internal void Close()
    {
        (string, long)[] unused;
        lock (_left)
        {
            unused = [.. _left.Select(left => (left.Key, left.Value.Bytes))];
            _left.Clear();
        }

        ledger.Return(unused);
    }

    private bool TrySpend(IReadOnlyList<ByteQuota> quotas, long bytes)
    {
        lock (_left)
        {
            foreach (var quota in quotas)
            {
                if (LeftOf(quota.CapabilityId) < bytes)
                {
                    return false;
                }
            }

            foreach (var quota in quotas)
            {
                var left = _left.GetValueOrDefault(quota.CapabilityId);
                _left[quota.CapabilityId] = left with { Bytes = left.Bytes - bytes };
            }

            return true;
        }
    }

    private RpcError? Refill(CapabilityClaims claims, IReadOnlyList<ByteQuota> quotas, long bytes)
    {
        lock (_refilling)
        {
            // Others spend meanwhile what is there.
            while (!TrySpend(quotas, bytes))
            {
                var wishes = Wishes(claims, quotas, bytes);
                var taken = ledger.Take(wishes);
                if (taken.Error is { } refused)
                {
                    return refused;
                }

                Add(wishes, taken.Value!);
            }

            return null;
        }
    }

    private QuotaWish[] Wishes(CapabilityClaims claims, IReadOnlyList<ByteQuota> quotas, long bytes)
    {
        lock (_left)
        {
            return [.. quotas.Select(quota => new QuotaWish(quota.CapabilityId, quota.MaxBytes, bytes - LeftOf(quota.CapabilityId), EndOf(claims))).Where(wish => wish.Needed > 0)];
        }
    }

    private void Add(QuotaWish[] wishes, long[] given)
    {
        lock (_left)
        {
            for (var i = 0; i < wishes.Length; i++)
            {
                _left[wishes[i].CapabilityId] = (LeftOf(wishes[i].CapabilityId) + given[i], wishes[i].EndsAt);
            }

            // The ledger bounds those that can still be used.
            if (_left.Count > options.MaxQuotas)
            {
                var now = time.GetUtcNow() - ClockSkew.Max;
                foreach (var (id, _) in _left.Where(left => left.Value.Ends < now).ToArray())
                {
                    _left.Remove(id);
                }
            }
        }
    }

    private long LeftOf(string capabilityId) => _left.GetValueOrDefault(capabilityId).Bytes;

    /// <summary>Renewed, it may live as long as its line may; and so may those it was derived from.</summary>
    private DateTimeOffset EndOf(CapabilityClaims claims)
    {
        var lineEnds = claims.Began + options.LongestTtl;
        return lineEnds > claims.ExpiresAt ? lineEnds : claims.ExpiresAt;
    }
}
