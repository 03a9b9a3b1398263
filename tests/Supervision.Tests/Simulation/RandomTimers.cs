namespace Strata.Supervision.Tests.Simulation;

/// <summary>When a random timer runs: every so often, or by the calendar of a place whose clock changes while it is looked at.</summary>
internal static class RandomTimers
{
    private static readonly TimeZoneInfo Changing = TimeZoneInfo.CreateCustomTimeZone(
        "changing", TimeSpan.FromHours(1), null, null, null,
        [
            TimeZoneInfo.AdjustmentRule.CreateAdjustmentRule(
                DateTime.MinValue.Date, DateTime.MaxValue.Date, TimeSpan.FromHours(1),
                TimeZoneInfo.TransitionTime.CreateFixedDateRule(new DateTime(1, 1, 1, 2, 0, 0), 1, 1),
                TimeZoneInfo.TransitionTime.CreateFixedDateRule(new DateTime(1, 1, 1, 3, 0, 0), 1, 2)),
        ]);

    internal static TimerPolicy Draw(Random random, bool calendar)
    {
        // Whether a time was missed while nobody looked is a question to the calendar, too.
        var catchUp = random.Next(2) == 0 && calendar;
        if (!calendar || random.Next(2) == 0)
        {
            var every = TimeSpan.FromSeconds(random.Next(2) == 0 ? random.Next(1, 20) : random.Next(20, 1200));
            return new TimerPolicy { Every = every, Jitter = every * (random.Next(3) * 0.4), CatchUp = catchUp };
        }

        var days = Enumerable.Range(0, 7).Select(d => (DayOfWeek)d).Where(_ => random.Next(2) == 0).DefaultIfEmpty(DayOfWeek.Friday);
        return new TimerPolicy
        {
            At = new CalendarTime(new TimeOnly(random.Next(24), random.Next(60)), [.. days]), Zone = random.Next(2) == 0 ? TimeZoneInfo.Utc : Changing,
            Jitter = TimeSpan.FromSeconds(random.Next(2) * random.Next(600)), CatchUp = catchUp,
        };
    }
}
