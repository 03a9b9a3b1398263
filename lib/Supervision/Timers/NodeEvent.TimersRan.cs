using System.Collections.Immutable;

namespace Strata.Supervision;

public abstract partial record NodeEvent
{
    /// <summary>What an earlier supervisor remembered; given before the node starts.</summary>
    /// <param name="LastRuns">When timers last ran, by the wall clock; of at most <see cref="ManifestLimits.MaxServices"/>.</param>
    public sealed record TimersRan(ImmutableDictionary<string, DateTimeOffset> LastRuns) : NodeEvent;
}
