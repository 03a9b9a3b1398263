using Strata.Ipc;
using Strata.Policy;

namespace Strata.Hosting;

/// <summary>The streams in progress that a capability allowed. As many as connections carry, so bounded by those bounds. Safe from any thread.</summary>
internal sealed class LiveStreams
{
    private const int FirstSweep = 64;

    private readonly Lock _changing = new();
    private List<(CallContext Call, CapabilityClaims Claims)> _live = [];
    private int _sweepAt = FirstSweep;

    /// <summary>Notes a stream; false when its capability was revoked since it was verified.</summary>
    internal bool TryAdd(CallContext call, CapabilityClaims claims, RevocationSet revocations)
    {
        lock (_changing)
        {
            if (_live.Count >= _sweepAt)
            {
                _live.RemoveAll(stream => stream.Call.HasEnded);
                _sweepAt = Math.Max(FirstSweep, _live.Count * 2);
            }

            _live.Add((call, claims));
        }

        // Looked at after it was noted: a revocation in force before is seen here, one after finds the stream in the list.
        return revocations.Check(claims) != RevocationStatus.Revoked;
    }

    /// <summary>Takes out the streams whose capability is revoked.</summary>
    internal IReadOnlyList<CallContext> TakeRevoked(RevocationSet revocations)
    {
        lock (_changing)
        {
            var revoked = _live.Where(stream => revocations.Check(stream.Claims) == RevocationStatus.Revoked).Select(stream => stream.Call).ToList();
            if (revoked.Count > 0)
            {
                _live = [.. _live.Where(stream => !revoked.Contains(stream.Call) && !stream.Call.HasEnded)];
            }

            return [.. revoked.Where(call => !call.HasEnded)];
        }
    }
}
