namespace Strata.Supervision;

/// <summary>When a timer runs: every so often, or at a time of day. Exactly one of <see cref="Every"/> and <see cref="At"/> is set.</summary>
public sealed record TimerPolicy
{
    /// <summary>From one time to the next, by the monotonic clock: 1 s to 744 h; null when it runs by the calendar.</summary>
    public TimeSpan? Every { get; init; }

    /// <summary>A time of day on some or all days of the week, by the wall clock; null when it runs every so often.</summary>
    public CalendarTime? At { get; init; }

    /// <summary>Whose time of day it is; default UTC.</summary>
    public TimeZoneInfo Zone { get; init; } = TimeZoneInfo.Utc;

    /// <summary>Each run comes later by a random share of this: zero to 1 h, less than <see cref="Every"/>. Default zero.</summary>
    public TimeSpan Jitter { get; init; }

    /// <summary>Whether times that passed without a run are made up for by one run as soon as possible. Default false.</summary>
    public bool CatchUp { get; init; }
}
