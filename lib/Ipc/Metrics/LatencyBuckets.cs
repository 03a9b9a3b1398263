namespace Strata.Ipc;

/// <summary>The buckets that latencies are counted in: 1, 2 and 5 times each power of ten, from 10 us to 10 s.</summary>
public static class LatencyBuckets
{
    private static readonly long[] Bounds =
    [
        10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 20_000, 50_000, 100_000, 200_000, 500_000, 1_000_000, 2_000_000, 5_000_000, 10_000_000,
    ];

    /// <summary>Upper bounds in microseconds, inclusive, ascending.</summary>
    public static IReadOnlyList<long> BoundsUs => Bounds;

    /// <summary>How many buckets there are: one a bound, and one for whatever took longer.</summary>
    public static int Count => Bounds.Length + 1;

    /// <summary>The bucket of a latency.</summary>
    public static int IndexOf(long microseconds)
    {
        var index = 0;
        while (index < Bounds.Length && microseconds > Bounds[index])
        {
            index++;
        }

        return index;
    }

    /// <summary>
    /// A quantile, interpolated evenly within its bucket as Prometheus's <c>histogram_quantile</c> does; what lies beyond the last bound is told as
    /// that bound. Null when nothing was counted.
    /// </summary>
    /// <param name="boundsUs">Upper bounds.</param>
    /// <param name="buckets">One count a bucket, one more than bounds.</param>
    /// <param name="quantile">0 to 1.</param>
    public static double? QuantileUs(IReadOnlyList<long> boundsUs, IReadOnlyList<long> buckets, double quantile)
    {
        var all = buckets.Sum();
        if (all == 0 || boundsUs.Count == 0 || buckets.Count != boundsUs.Count + 1)
        {
            return null;
        }

        var rank = quantile * all;
        var below = 0L;
        for (var i = 0; i < boundsUs.Count; i++)
        {
            if (below + buckets[i] >= rank && buckets[i] > 0)
            {
                var from = i == 0 ? 0 : boundsUs[i - 1];
                return from + ((boundsUs[i] - from) * Math.Max(rank - below, 0) / buckets[i]);
            }

            below += buckets[i];
        }

        return boundsUs[^1];
    }
}
