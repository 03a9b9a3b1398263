using Strata.Supervision;

namespace Strata.Supervisor;

/// <summary>Reads both clocks for the machine; the monotonic one counts from the boot, so that a later supervisor's times continue an earlier one's.</summary>
internal sealed class NodeClock(TimeProvider time)
{
    internal NodeTime Now => new(time.GetElapsedTime(0), time.GetUtcNow());
}
