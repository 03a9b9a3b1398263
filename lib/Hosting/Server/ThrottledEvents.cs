using System.Globalization;
using Strata.Ipc;

namespace Strata.Hosting;

/// <summary>
/// Passes events on, but what clients can cause at will only so fast: each becomes a line of the log, written by a loop,
/// and nobody who misbehaves in a loop may fill a disk or hold up a loop with it.
/// </summary>
internal sealed class ThrottledEvents(IServerEvents inner, TimeProvider time) : IServerEvents
{
    /// <summary>Dropped connections of one user told at once; later ones one a second.</summary>
    internal const int Burst = 50;

    private readonly UserThrottle _drops = new(Burst, 1, time);
    private readonly UserThrottle _shortages = new(Burst, 1, time);

    public void HandlerFaulted(CallContext call, Exception exception) => inner.HandlerFaulted(call, exception);

    public void ConnectionDropped(Peer peer, string reason)
    {
        if (_drops.TryRecord(peer.Uid, out var suppressed))
        {
            inner.ConnectionDropped(peer, suppressed == 0 ? reason : string.Create(CultureInfo.InvariantCulture, $"{reason} ({suppressed} more of this user were not told)"));
        }
    }

    public void DescriptorsExhausted()
    {
        if (_shortages.TryRecord(0, out _))
        {
            inner.DescriptorsExhausted();
        }
    }

    public void Heartbeat() => inner.Heartbeat();
}
