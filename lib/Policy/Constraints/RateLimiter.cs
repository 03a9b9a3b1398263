namespace Strata.Policy;

/// <summary>
/// Spends requests against capabilities' rates, in constant time and bounded memory. Safe to use from many threads.
/// </summary>
/// <remarks>
/// The algorithm is GCRA (ITU-T I.371): a capability's whole state is the instant at which its bucket would be full again. The
/// bucket holds one second of requests. When the table is full, the least recently used bucket is dropped if it would be full
/// again, which changes nothing for its holder; otherwise the new capability is denied (<see cref="DenyReason.RateLimiterFull"/>).
/// So nobody can reset a bucket by crowding the table. As a bucket refills within a second, so does room.
/// </remarks>
public sealed class RateLimiter
{
    /// <summary>Default for the most capabilities tracked at once: 131 072.</summary>
    public const int DefaultMaxBuckets = 131_072;

    private readonly Lock gate = new();
    private readonly RateBuckets buckets;
    private readonly long frequency;

    /// <summary>Makes a limiter.</summary>
    /// <param name="timestampFrequency">Ticks a second of the timestamps to come: <see cref="TimeProvider.TimestampFrequency"/>.</param>
    /// <param name="maxBuckets">Most capabilities tracked at once, at least 1.</param>
    public RateLimiter(long timestampFrequency, int maxBuckets = DefaultMaxBuckets)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(timestampFrequency, RateLimit.MaxPerSecond);
        ArgumentOutOfRangeException.ThrowIfLessThan(maxBuckets, 1);
        frequency = timestampFrequency;
        buckets = new RateBuckets(maxBuckets);
    }

    /// <summary>How many capabilities are tracked.</summary>
    public int Count
    {
        get
        {
            lock (gate)
            {
                return buckets.Count;
            }
        }
    }

    /// <summary>Spends one request of a capability's own rate and of those it was derived from, which all that derive from them share.</summary>
    /// <param name="claims">The capability.</param>
    /// <param name="timestamp">The monotonic clock: <see cref="TimeProvider.GetTimestamp"/>.</param>
    public RateOutcome TrySpend(CapabilityClaims claims, long timestamp) => Ask(claims, timestamp, spends: true);

    /// <summary>What <see cref="TrySpend(CapabilityClaims, long)"/> would answer. Changes nothing.</summary>
    /// <param name="claims">The capability.</param>
    /// <param name="timestamp">The monotonic clock: <see cref="TimeProvider.GetTimestamp"/>.</param>
    public RateOutcome Peek(CapabilityClaims claims, long timestamp) => Ask(claims, timestamp, spends: false);

    /// <summary>Spends one request of a capability.</summary>
    /// <param name="capabilityId">The capability.</param>
    /// <param name="limit">Its rate; a default value allows nothing.</param>
    /// <param name="timestamp">The monotonic clock: <see cref="TimeProvider.GetTimestamp"/>.</param>
    public RateOutcome TrySpend(string capabilityId, RateLimit limit, long timestamp) => Ask(capabilityId, limit, timestamp, spends: true);

    private RateOutcome Ask(CapabilityClaims claims, long timestamp, bool spends)
    {
        var outcome = claims.Constraints.RateLimit is { } own ? Ask(claims.CapabilityId, own, timestamp, spends) : RateOutcome.Allowed;
        for (var i = claims.Chain.Count - 1; i >= 0 && outcome.IsAllowed; i--)
        {
            if (claims.Chain[i] is { RateLimit: { } rate } ancestor)
            {
                outcome = Ask(ancestor.CapabilityId, rate, timestamp, spends);
            }
        }

        return outcome;
    }

    private RateOutcome Ask(string capabilityId, RateLimit limit, long timestamp, bool spends)
    {
        if (limit.PerSecond is < 1 or > RateLimit.MaxPerSecond)
        {
            return Denied(DenyReason.RateLimited, frequency);
        }

        // Rounded up: what is lost to rounding makes the rate a trifle lower, never higher.
        var interval = ((frequency - 1) / limit.PerSecond) + 1;
        var capacity = interval * limit.PerSecond;
        lock (gate)
        {
            if (!(spends ? buckets.TryTouch(capabilityId, timestamp, out var bucket) : buckets.TryFind(capabilityId, timestamp, out bucket)))
            {
                return Denied(DenyReason.RateLimiterFull, buckets.OldestFullAt - timestamp);
            }

            var next = Math.Max(bucket == RateBuckets.None ? timestamp : buckets.FullAt(bucket), timestamp) + interval;
            if (next - timestamp > capacity)
            {
                return Denied(DenyReason.RateLimited, next - timestamp - capacity);
            }

            if (spends)
            {
                buckets.FullAt(bucket) = next;
            }

            return RateOutcome.Allowed;
        }
    }

    private RateOutcome Denied(DenyReason reason, long waitTimestampTicks) =>
        new(false, reason, TimeSpan.FromTicks((long)Math.Ceiling(waitTimestampTicks * (double)TimeSpan.TicksPerSecond / frequency)));
}
