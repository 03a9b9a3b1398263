namespace Strata.Supervision;

/// <summary>
/// One reading of both clocks. Every decision uses <see cref="Monotonic"/>; <see cref="Wall"/> is only shown to people,
/// so that a step of the wall clock can neither shorten a backoff nor lengthen a quarantine.
/// </summary>
/// <param name="Monotonic">Time since an arbitrary fixed origin (for example node start); never goes backwards.</param>
/// <param name="Wall">The calendar time of the same instant.</param>
public readonly record struct NodeTime(TimeSpan Monotonic, DateTimeOffset Wall)
{
    /// <summary>The calendar time at which the monotonic clock will read <paramref name="due"/>, if nobody steps the wall clock.</summary>
    public DateTimeOffset WallAt(TimeSpan due) => Wall + (due - Monotonic);

    /// <summary>How long after <paramref name="earlier"/> this is, by the monotonic clock.</summary>
    public TimeSpan Since(NodeTime earlier) => Monotonic - earlier.Monotonic;
}
