using Strata.Hosting;
using Strata.Ipc;
using Strata.Policy;

namespace Strata.Identity;

/// <summary>
/// What a holder may revoke without the right to: its own capability, and one at a time what was derived from it. Of anything else it
/// does not even learn whether it exists. The number is bounded, so that no holder takes up the room for other revocations.
/// </summary>
/// <param name="issued">Knows what was derived from what.</param>
/// <param name="board">Knows what is revoked.</param>
/// <param name="longestTtl">No revocation counts for longer.</param>
/// <param name="time">The clock.</param>
/// <param name="deny">Audits a denial and says what the caller may know of it.</param>
/// <param name="maxPerRoot">Most revocations of what came of one root; the root can always end itself, and all with it.</param>
/// <param name="maxInForce">Revocations in force from which on the rest of the room is kept for those who hold the right.</param>
internal sealed class HolderReach(
    IssuedStore issued, RevocationBoard board, TimeSpan longestTtl, TimeProvider time, Func<CallContext, DenyReason, string?, RpcError> deny,
    int maxPerRoot = HolderReach.DefaultMaxPerRoot, int maxInForce = HolderReach.DefaultMaxInForce)
{
    internal const int DefaultMaxPerRoot = 1024;
    internal const int DefaultMaxInForce = RevocationSet.DefaultMaxEntries / 2;

    private const int FirstSweep = 1024;

    private readonly Lock _counting = new();
    private readonly Dictionary<string, (int Count, DateTimeOffset Ends)> _byRoot = new(StringComparer.Ordinal);
    private int _sweepAt = FirstSweep;

    /// <summary>Roots whose revocations are counted now.</summary>
    internal int Counted => _byRoot.Count;

    /// <summary>Null when the caller may revoke what it wishes to; else why not.</summary>
    internal async ValueTask<RpcError?> RefuseAsync(RevokeWish wish, CallContext call)
    {
        if ((call.Principal as Principal)?.Claims is not { } holder || HoldsRight(holder))
        {
            return null;
        }

        if (wish.CapabilityId is not { } id || (id != holder.CapabilityId && !await IsDerivedAsync(id, holder).ConfigureAwait(false)))
        {
            return deny(call, DenyReason.RightMissing, wish.Name) with
            {
                Message = $"this capability ends itself and what was derived from it, by \"cap_id\"; to revoke anything else takes the right {IdentityMethods.RevokeRight}",
            };
        }

        return board.SeqOf(id) is not null || TryCount(holder, id) ? null : RpcError.ResourceExhausted(
            "as many capabilities as may be were revoked by holders; revoke the one they came from", "revocations_full");
    }

    private static bool HoldsRight(CapabilityClaims holder) => holder.Service == "identity" && holder.Grants(IdentityMethods.RevokeRight);

    /// <summary>The account is on disk: off the loop.</summary>
    private Task<bool> IsDerivedAsync(string id, CapabilityClaims holder) =>
        Task.Run(() => issued.Find(id) is { Claims: { } known } && known.CapabilityId == id && known.Chain.Contains(holder.CapabilityId));

    private bool TryCount(CapabilityClaims holder, string id)
    {
        if (board.Revocations.Count >= maxInForce)
        {
            return false;
        }

        var root = holder.Root ?? holder.CapabilityId;
        var now = time.GetUtcNow();
        lock (_counting)
        {
            var (count, ends) = _byRoot.GetValueOrDefault(root);
            if (count == 0 || ends < now)
            {
                Sweep(now);
                (count, ends) = (0, now + longestTtl);
            }

            if (count >= maxPerRoot && id != root)
            {
                return false;
            }

            _byRoot[root] = (count + 1, ends);
            return true;
        }
    }

    private void Sweep(DateTimeOffset now)
    {
        if (_byRoot.Count < _sweepAt)
        {
            return;
        }

        foreach (var (root, _) in _byRoot.Where(entry => entry.Value.Ends < now).ToList())
        {
            _byRoot.Remove(root);
        }

        _sweepAt = Math.Max(FirstSweep, _byRoot.Count * 2);
    }
}
