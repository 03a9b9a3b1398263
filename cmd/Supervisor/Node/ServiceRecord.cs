namespace Strata.Supervisor;

/// <summary>What the edge remembers of one service beside its state.</summary>
/// <param name="Restarts">Times it was started again after a crash.</param>
/// <param name="SpawnedAt">When its present or last process was asked for, by the node's monotonic clock.</param>
/// <param name="ReadyAfter">What its last start took from there to readiness; null before the first.</param>
internal sealed record ServiceRecord(int Restarts, TimeSpan SpawnedAt, TimeSpan? ReadyAfter)
{
    /// <summary>When the process that first became Healthy was asked for, and when it did; null before. Later restarts leave it alone.</summary>
    internal (TimeSpan Spawned, TimeSpan Ready)? FirstStart { get; init; }

    internal static ServiceRecord None { get; } = new(0, TimeSpan.Zero, null);
}
