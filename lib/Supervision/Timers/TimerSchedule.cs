namespace Strata.Supervision;

/// <summary>
/// When a timer runs next, and what it has missed. Pure: every method takes the time. The one time that is pending lies ahead, or
/// is due; what passes while a run is under way is found when that has ended.
/// </summary>
public sealed record TimerSchedule
{
    /// <summary>The wall clock is looked at this often while a time of day is waited for, since it may be set.</summary>
    public static readonly TimeSpan ClockCheck = TimeSpan.FromMinutes(1);

    /// <summary>A time of day that is noticed later than this was missed: the clock was set forward, or the machine slept.</summary>
    public static readonly TimeSpan Grace = TimeSpan.FromMinutes(2);

    /// <summary>Missed times that are counted at once; beyond, the count says so many.</summary>
    public const int MaxCounted = 1000;

    /// <summary>The pending time by the monotonic clock; null unless it runs every so often.</summary>
    public TimeSpan? At { get; init; }

    /// <summary>The pending time by the wall clock; null unless it runs by the calendar.</summary>
    public DateTimeOffset? WallAt { get; init; }

    /// <summary>The jitter of the pending time.</summary>
    public TimeSpan Delay { get; init; }

    /// <summary>Whether a missed run is to be made up for at once.</summary>
    public bool Owed { get; init; }

    /// <summary>Times that passed without a run since the node was created.</summary>
    public long Skipped { get; init; }

    /// <summary>Whether a time is pending.</summary>
    public bool IsPending => At is not null || WallAt is not null;

    /// <summary>How long until the pending time; zero or less when it has come.</summary>
    public TimeSpan Left(NodeTime now) =>
        Owed ? TimeSpan.Zero
        : At is { } at ? at + Delay - now.Monotonic
        : WallAt is { } wall ? wall + Delay - now.Wall
        : TimeSpan.MaxValue;

    /// <summary>Whether it runs now. A time of day that was missed does not: what is owed for it, if anything, is found by looking again.</summary>
    public bool IsDue(NodeTime now) => Left(now) is var left && left <= TimeSpan.Zero && (At is not null || -left <= Grace);

    /// <summary>When to look again.</summary>
    public TimeSpan Wait(NodeTime now)
    {
        var left = Left(now) is var value && value > TimeSpan.Zero ? value : TimeSpan.Zero;
        return WallAt is not null && left > ClockCheck ? ClockCheck : left;
    }

    /// <summary>The schedule of a timer that begins to wait with nothing pending.</summary>
    /// <param name="policy">When it runs.</param>
    /// <param name="now">The time.</param>
    /// <param name="lastRun">When it last ran, by the wall clock, if that is known.</param>
    public TimerSchedule First(TimerPolicy policy, NodeTime now, DateTimeOffset? lastRun)
    {
        // A last run that lies ahead is the word of a clock that was wrong.
        var known = policy.CatchUp && lastRun <= now.Wall ? lastRun : null;
        if (policy.Every is { } every)
        {
            var since = now.Wall - known ?? TimeSpan.Zero;
            return this with { At = now.Monotonic + (since >= every ? every : every - since), WallAt = null, Owed = since >= every };
        }

        var at = policy.At!;
        return this with { At = null, WallAt = at.Next(now.Wall, policy.Zone), Owed = known is { } last && at.Next(last, policy.Zone) <= now.Wall };
    }

    /// <summary>The schedule of a timer that goes on waiting, or waits again after a run: what has passed meanwhile is skipped, or owed.</summary>
    public TimerSchedule Again(TimerPolicy policy, NodeTime now)
    {
        // A clock that was far ahead and is put right must not leave the timer waiting for years.
        if (WallAt is { } wall && wall - now.Wall > policy.At!.LongestGap)
        {
            return this with { WallAt = policy.At.Next(now.Wall, policy.Zone) };
        }

        if (Owed || Left(now) > TimeSpan.Zero)
        {
            return this;
        }

        var (next, missed) = Passed(policy, now);
        return policy.CatchUp ? next with { Owed = true, Skipped = Skipped + missed - 1 } : next with { Skipped = Skipped + missed };
    }

    /// <summary>The schedule once the pending time has led to a run.</summary>
    public TimerSchedule Run(TimerPolicy policy, NodeTime now)
    {
        if (Owed)
        {
            return this with { Owed = false };
        }

        var (next, passed) = Passed(policy, now);
        return next with { Skipped = Skipped + passed - 1 };
    }

    /// <summary>The schedule without anything pending: the timer was stopped, or its times have changed.</summary>
    public TimerSchedule Cleared() => this with { At = null, WallAt = null, Owed = false, Delay = TimeSpan.Zero };

    // Beyond now, and how many times lie before that, the pending one included.
    private (TimerSchedule Next, long Count) Passed(TimerPolicy policy, NodeTime now)
    {
        if (At is { } at)
        {
            var every = policy.Every!.Value;
            var count = Math.Max(0, (now.Monotonic - at).Ticks / every.Ticks) + 1;
            return (this with { At = at + (every * count) }, count);
        }

        var (next, passed) = (WallAt!.Value, 0L);
        do
        {
            next = passed < MaxCounted ? policy.At!.Next(next, policy.Zone) : policy.At!.Next(now.Wall, policy.Zone);
            passed++;
        }
        while (next <= now.Wall);

        return (this with { WallAt = next }, passed);
    }
}
