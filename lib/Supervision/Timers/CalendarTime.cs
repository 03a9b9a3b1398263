using System.Collections.Immutable;
using System.Globalization;

namespace Strata.Supervision;

/// <summary>A time of day, on every day or on some days of the week: <c>03:30</c>, <c>mon-fri 06:00</c>, <c>sat,sun 12:15</c>.</summary>
/// <param name="Time">The time of day, in whole minutes.</param>
/// <param name="Days">On which days, in the order of the week from Sunday; at least one.</param>
public sealed record CalendarTime(TimeOnly Time, ImmutableArray<DayOfWeek> Days)
{
    /// <summary>What it must look like, as a regular expression for the schema.</summary>
    public const string Pattern = "^((mon|tue|wed|thu|fri|sat|sun)(-(mon|tue|wed|thu|fri|sat|sun))?(,(mon|tue|wed|thu|fri|sat|sun)(-(mon|tue|wed|thu|fri|sat|sun))?)* )?([01][0-9]|2[0-3]):[0-5][0-9]$";

    private const int DaysOfWeek = 7;

    // A clock that is put forward or back moves a time of day by an hour or so against the time that passes.
    private static readonly TimeSpan ClockChange = TimeSpan.FromHours(3);

    // Far enough from the end of the calendar that no date computed here lies beyond it.
    private static readonly DateTimeOffset End = new(9990, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private static readonly string[] Names = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

    /// <summary>The longest time from one occurrence to the next.</summary>
    public TimeSpan LongestGap => TimeSpan.FromDays(Enumerable.Range(0, Days.Length).Max(i => Gap(Days[i], Days[(i + 1) % Days.Length]))) + ClockChange;

    /// <summary>Reads one; false for anything else.</summary>
    public static bool TryParse(string text, out CalendarTime value)
    {
        var parts = text.Split(' ');
        var days = parts.Length == 2 ? DaysOf(parts[0]) : [.. Enumerable.Range(0, DaysOfWeek).Select(d => (DayOfWeek)d)];
        var good = TimeOnly.TryParseExact(parts[^1], "HH:mm", CultureInfo.InvariantCulture, DateTimeStyles.None, out var time) & parts.Length <= 2 & !days.IsEmpty;
        value = new CalendarTime(time, days);
        return good;
    }

    /// <summary>The first occurrence after an instant. A time of day that the clock leaps over comes as much later; one that it shows twice counts once.</summary>
    public DateTimeOffset Next(DateTimeOffset after, TimeZoneInfo zone)
    {
        if (after >= End)
        {
            return after + TimeSpan.FromDays(1);
        }

        var today = TimeZoneInfo.ConvertTime(after, zone).Date;
        for (var day = today; ; day = day.AddDays(1))
        {
            var local = day + Time.ToTimeSpan();
            var instant = new DateTimeOffset(local - zone.GetUtcOffset(local), TimeSpan.Zero);
            if (Days.Contains(day.DayOfWeek) && instant > after)
            {
                return instant;
            }
        }
    }

    /// <inheritdoc/>
    public override string ToString()
    {
        var days = Days.Length == DaysOfWeek ? "" : string.Join(',', Days.OrderBy(d => ((int)d + DaysOfWeek - 1) % DaysOfWeek).Select(d => Names[(int)d])) + " ";
        return days + Time.ToString("HH:mm", CultureInfo.InvariantCulture);
    }

    private static ImmutableArray<DayOfWeek> DaysOf(string text)
    {
        var days = new SortedSet<DayOfWeek>();
        foreach (var range in text.Split(','))
        {
            var (first, last) = range.Split('-') is [var a, var b] ? (Array.IndexOf(Names, a), Array.IndexOf(Names, b)) : (Array.IndexOf(Names, range), Array.IndexOf(Names, range));
            if (first < 0 || last < 0)
            {
                return [];
            }

            days.UnionWith(Enumerable.Range(first, Gap((DayOfWeek)first, (DayOfWeek)last) % DaysOfWeek + 1).Select(d => (DayOfWeek)(d % DaysOfWeek)));
        }

        return [.. days];
    }

    // Days from one to the next; a week from a day to itself.
    private static int Gap(DayOfWeek from, DayOfWeek to) => ((int)to - (int)from + DaysOfWeek - 1) % DaysOfWeek + 1;
}
