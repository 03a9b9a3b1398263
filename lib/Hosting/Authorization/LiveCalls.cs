using Strata.Ipc;
using Strata.Policy;

namespace Strata.Hosting;

/// <summary>
/// The calls in progress that a capability allowed, streams and others that are not answered at once. As many as connections carry, so bounded by
/// those bounds. Safe from any thread.
/// </summary>
internal sealed class LiveCalls
{
    private const int FirstSweep = 64;

    private readonly Lock _changing = new();
    private readonly List<(CallContext Call, CapabilityClaims Claims)> _live = [];
    private int _sweepAt = FirstSweep;

    /// <summary>Notes a call; false when its capability was revoked since it was verified: it waits to be taken, then.</summary>
    internal bool Add(CallContext call, CapabilityClaims claims, RevocationSet revocations)
    {
        lock (_changing)
        {
            if (_live.Count >= _sweepAt)
            {
                _live.RemoveAll(live => live.Call.HasEnded);
                _sweepAt = Math.Max(FirstSweep, _live.Count * 2);
            }

            _live.Add((call, claims));
        }

        // Looked at after it was noted: a revocation in force before is seen here, one after finds the call in the list.
        return revocations.Check(claims) != RevocationStatus.Revoked;
    }

    /// <summary>Takes out the calls whose capability is revoked, each once.</summary>
    internal IReadOnlyList<CallContext> TakeRevoked(RevocationSet revocations)
    {
        var revoked = new List<CallContext>();
        lock (_changing)
        {
            _live.RemoveAll(live => live.Call.HasEnded || IsRevoked(live));
        }

        return revoked;

        bool IsRevoked((CallContext Call, CapabilityClaims Claims) live)
        {
            var isRevoked = revocations.Check(live.Claims) == RevocationStatus.Revoked;
            if (isRevoked)
            {
                revoked.Add(live.Call);
            }

            return isRevoked;
        }
    }
}
