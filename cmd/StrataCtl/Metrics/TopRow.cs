using Strata.Contracts;
using Strata.Ipc;

namespace Strata.StrataCtl.Metrics;

/// <summary>One service between two looks at it. Null is what could not be known.</summary>
/// <param name="Name">The service.</param>
/// <param name="State">Its state.</param>
/// <param name="SinceMs">Milliseconds in it.</param>
/// <param name="Restarts">Restarts after crashes.</param>
/// <param name="CpuPercent">Processor time over time passed; 100 is one processor.</param>
/// <param name="ResidentBytes">Memory in use.</param>
/// <param name="Connections">Open connections.</param>
/// <param name="RequestsPerSecond">Answers a second.</param>
/// <param name="ErrorsPerSecond">Answers with an error a second.</param>
/// <param name="P99Us">99th percentile of the time to an answer, in microseconds.</param>
internal sealed record TopRow(
    string Name, string State, long? SinceMs, int Restarts, double? CpuPercent, long? ResidentBytes, long? Connections,
    double? RequestsPerSecond, double? ErrorsPerSecond, double? P99Us)
{
    private static readonly Func<MethodMetrics, bool> IsWork = m => !m.Method.EndsWith(".metrics", StringComparison.Ordinal);

    /// <summary>Compares two looks, whose own questions are not counted. A service that was restarted in between is counted from its start.</summary>
    public static TopRow Of(ServiceStatus service, TopSample before, TopSample now)
    {
        var seconds = (now.At - before.At).TotalSeconds;
        var (m0, m1) = (before.MetricsOf(service.Name), now.MetricsOf(service.Name));
        if (m0 is not null && m1 is not null && m1.UptimeMs < m0.UptimeMs)
        {
            m0 = null;
        }

        var cpu = now.Usage.TryGetValue(service.Pid, out var usage) && before.Usage.TryGetValue(service.Pid, out var earlier) && seconds > 0
            ? Math.Max(0, (usage.CpuTime - earlier.CpuTime).TotalSeconds / seconds * 100)
            : (double?)null;
        return new TopRow(
            service.Name, service.State, service.SinceMs, service.Restarts ?? 0, cpu, usage.ResidentBytes > 0 ? usage.ResidentBytes : null,
            m1?.Values.FirstOrDefault(v => v.Name == "connections")?.Value,
            Rate(m => m.Ok + m.Errors.Sum(e => e.Count)), Rate(m => m.Errors.Sum(e => e.Count)), P99());

        double? Rate(Func<MethodMetrics, long> count) => m1 is null || seconds <= 0 ? null : Math.Max(0, m1.Methods.Where(IsWork).Sum(count) - (m0?.Methods.Where(IsWork).Sum(count) ?? 0)) / seconds;

        double? P99()
        {
            if (m1 is null)
            {
                return null;
            }

            var buckets = Enumerable.Range(0, m1.BucketBoundsUs.Count + 1).Select(i => Math.Max(0, Bucket(m1, i) - Bucket(m0, i))).ToList();
            return LatencyBuckets.QuantileUs(m1.BucketBoundsUs, buckets, 0.99);
        }

        static long Bucket(MetricsResult? metrics, int index) => metrics?.Methods.Where(IsWork).Sum(m => index < m.LatencyBuckets.Count ? m.LatencyBuckets[index] : 0) ?? 0;
    }
}
