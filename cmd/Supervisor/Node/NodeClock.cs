using Strata.Supervision;

namespace Strata.Supervisor;

/// <summary>Reads both clocks for the machine; the monotonic one counts from the clock's creation.</summary>
internal sealed class NodeClock(TimeProvider time)
{
    private readonly long _origin = time.GetTimestamp();

    internal NodeTime Now => new(time.GetElapsedTime(_origin), time.GetUtcNow());
}
