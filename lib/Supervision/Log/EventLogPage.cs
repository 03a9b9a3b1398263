using System.Collections.Immutable;

namespace Strata.Supervision;

/// <summary>A reader's share of the event log.</summary>
/// <param name="Records">The records, oldest first.</param>
/// <param name="NextSequence">What to ask for next.</param>
/// <param name="Missed">How many of the records asked for had already been dropped.</param>
public sealed record EventLogPage(ImmutableArray<EventRecord> Records, long NextSequence, long Missed)
{
    /// <summary>Whether the history has a gap before the first record of this page.</summary>
    public bool HasGap => Missed > 0;
}
