using Strata.Supervision;

namespace Strata.Supervisor;

/// <summary>How much one service may have kept, over all its instances and streams.</summary>
/// <param name="policy">Its bounds.</param>
/// <param name="now">The monotonic time.</param>
internal sealed class ServiceIntake(LogPolicy policy, TimeSpan now)
{
    internal LogPolicy Policy => policy;

    internal LineRate Rate { get; } = new(policy.Rate, now);

    /// <summary>The instance whose lines were last lost.</summary>
    internal int Incarnation { get; set; }
}
