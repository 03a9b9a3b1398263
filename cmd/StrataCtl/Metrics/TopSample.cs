using Strata.Contracts;
using Strata.Ipc;

namespace Strata.StrataCtl.Metrics;

/// <summary>One look at a node.</summary>
/// <param name="At">When, on the monotonic clock.</param>
/// <param name="Services">The supervisor and every service, in start order.</param>
/// <param name="Metrics">What those that can tell have counted.</param>
/// <param name="Usage">What the kernel says, by process id.</param>
internal sealed record TopSample(
    TimeSpan At, IReadOnlyList<ServiceStatus> Services, IReadOnlyList<MetricsResult> Metrics, IReadOnlyDictionary<int, ProcessUsage> Usage)
{
    public MetricsResult? MetricsOf(string service) => Metrics.FirstOrDefault(m => m.Service == service);
}
