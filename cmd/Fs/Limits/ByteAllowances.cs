using Strata.Ipc;
using Strata.Policy;

namespace Strata.Fs;

/// <summary>What the constraints <c>max_bytes</c> and <c>quota_bytes</c> leave of a capability. Safe from any thread.</summary>
/// <param name="maxTracked">Most capabilities whose sums are kept.</param>
/// <param name="time">The clock.</param>
internal sealed class ByteAllowances(int maxTracked, TimeProvider time)
{
    private readonly Dictionary<string, Sum> _sums = new(StringComparer.Ordinal);

    internal static RpcError TooMuch { get; } = RpcError.ResourceExhausted(
        "that is more than the capability's max_bytes allows at a time; ask for less, or for a capability that allows more", FsReasons.MaxBytes);

    internal static RpcError QuotaUsed { get; } = RpcError.ResourceExhausted(
        "the capability's quota_bytes is used up, or the rest of it does not suffice; write less, or ask for a new capability", FsReasons.QuotaBytes);

    private static RpcError Untracked { get; } = RpcError.ResourceExhausted(
        "too many capabilities with quota_bytes are in use; try again later", FsReasons.QuotasExhausted);

    /// <summary>How much one read may give.</summary>
    internal static int Cap(CapabilityClaims claims, int bytes) => (int)Math.Min(bytes, claims.Constraints.MaxBytes ?? bytes);

    /// <summary>Whether so much may be transferred at a time.</summary>
    internal static RpcError? Check(CapabilityClaims claims, long bytes) => bytes > claims.Constraints.MaxBytes ? TooMuch : null;

    /// <summary>Takes what is about to be written from every quota of the capability; nothing is taken when one has no room.</summary>
    internal RpcError? Take(CapabilityClaims claims, long bytes)
    {
        if (Check(claims, bytes) is { } excess)
        {
            return excess;
        }

        var quotas = claims.Quotas;
        if (quotas.Count == 0)
        {
            return null;
        }

        lock (_sums)
        {
            foreach (var quota in quotas)
            {
                if (!_sums.TryGetValue(quota.CapabilityId, out var sum) && !HasRoom(quotas.Count))
                {
                    return Untracked;
                }

                if (bytes > quota.MaxBytes - (sum?.Bytes ?? 0))
                {
                    return QuotaUsed;
                }
            }

            foreach (var quota in quotas)
            {
                Add(claims, quota, bytes);
            }
        }

        return null;
    }

    /// <summary>Gives back what was taken and not written.</summary>
    internal void GiveBack(CapabilityClaims claims, long bytes)
    {
        if (bytes <= 0)
        {
            return;
        }

        lock (_sums)
        {
            foreach (var quota in claims.Quotas)
            {
                if (_sums.TryGetValue(quota.CapabilityId, out var sum))
                {
                    sum.Bytes -= bytes;
                }
            }
        }
    }

    private void Add(CapabilityClaims claims, ByteQuota quota, long bytes)
    {
        if (!_sums.TryGetValue(quota.CapabilityId, out var sum))
        {
            _sums[quota.CapabilityId] = sum = new Sum();
        }

        sum.Bytes += bytes;
        // When an ancestor ends is not in its descendant's claims: its sum is kept.
        sum.EndsAt = quota.CapabilityId == claims.CapabilityId ? claims.ExpiresAt + ClockSkew.Default : sum.EndsAt;
    }

    private bool HasRoom(int more)
    {
        if (_sums.Count + more <= maxTracked)
        {
            return true;
        }

        var now = time.GetUtcNow();
        foreach (var (id, _) in _sums.Where(sum => sum.Value.EndsAt <= now).ToArray())
        {
            _sums.Remove(id);
        }

        return _sums.Count + more <= maxTracked;
    }

    private sealed class Sum
    {
        internal long Bytes { get; set; }

        internal DateTimeOffset EndsAt { get; set; } = DateTimeOffset.MaxValue;
    }
}
