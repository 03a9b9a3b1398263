using System.Globalization;

namespace Strata.Supervision.Tests.Timers;

public sealed class CalendarTimeTests
{
    private static readonly TimeZoneInfo Berlin = TimeZoneInfo.FindSystemTimeZoneById("Europe/Berlin");

    [Theory]
    [InlineData("03:30", "03:30")]
    [InlineData("00:00", "00:00")]
    [InlineData("mon-sun 23:59", "23:59")]
    [InlineData("mon 06:00", "mon 06:00")]
    [InlineData("sat,sun 12:15", "sat,sun 12:15")]
    [InlineData("sun,mon 12:15", "mon,sun 12:15")]
    [InlineData("mon-fri 06:00", "mon,tue,wed,thu,fri 06:00")]
    [InlineData("fri-mon 06:00", "mon,fri,sat,sun 06:00")]
    public void What_is_a_time_is_read_and_written(string text, string written)
    {
        Assert.True(CalendarTime.TryParse(text, out var time));
        Assert.Equal(written, time.ToString());
        Assert.Matches(CalendarTime.Pattern, text);
    }

    [Theory]
    [InlineData("")]
    [InlineData("3:30")]
    [InlineData("24:00")]
    [InlineData("03:60")]
    [InlineData("03:30:00")]
    [InlineData(" 03:30")]
    [InlineData("03:30 mon")]
    [InlineData("Mon 03:30")]
    [InlineData("mo 03:30")]
    [InlineData("mon, 03:30")]
    [InlineData("mon-tue-wed 03:30")]
    [InlineData("mon-xyz 03:30")]
    [InlineData("xyz-mon 03:30")]
    [InlineData("mon  03:30")]
    [InlineData("*/5 * * * *")]
    public void What_is_no_time_is_refused(string text)
    {
        Assert.False(CalendarTime.TryParse(text, out _));
        Assert.DoesNotMatch(CalendarTime.Pattern, text);
    }

    [Theory]
    [InlineData("03:30", "2026-11-21T03:29:59Z", "2026-11-21T03:30:00Z")]
    [InlineData("03:30", "2026-11-21T03:30:00Z", "2026-11-22T03:30:00Z")]
    [InlineData("mon 03:30", "2026-11-21T12:00:00Z", "2026-11-23T03:30:00Z")]
    [InlineData("sat 12:00", "2026-11-21T12:00:00Z", "2026-11-28T12:00:00Z")]
    [InlineData("00:00", "2026-12-31T23:59:59Z", "2027-01-01T00:00:00Z")]
    public void The_next_time_lies_strictly_ahead(string text, string after, string next) => Assert.Equal(At(next), Next(text, after, TimeZoneInfo.Utc));

    [Theory]
    // The clock leaps from 02:00 to 03:00: 02:30 comes an hour later by the clock, at the instant it would have been.
    [InlineData("02:30", "2026-03-28T12:00:00Z", "2026-03-29T01:30:00Z")]
    [InlineData("02:30", "2026-03-29T01:30:00Z", "2026-03-30T00:30:00Z")]
    // It goes from 03:00 back to 02:00: 02:30 is shown twice and counts once.
    [InlineData("02:30", "2026-10-24T12:00:00Z", "2026-10-25T01:30:00Z")]
    [InlineData("02:30", "2026-10-25T01:30:00Z", "2026-10-26T01:30:00Z")]
    [InlineData("03:30", "2026-03-28T12:00:00Z", "2026-03-29T01:30:00Z")]
    public void A_change_of_the_clock_neither_drops_nor_doubles_a_time(string text, string after, string next) => Assert.Equal(At(next), Next(text, after, Berlin));

    [Fact]
    public void Every_day_of_some_years_has_its_one_time_in_a_zone_whose_clock_changes()
    {
        Assert.True(CalendarTime.TryParse("02:30", out var time));
        var (at, count) = (At("2026-01-01T00:00:00Z"), 0);
        while (time.Next(at, Berlin) is var next && next < At("2030-01-01T00:00:00Z"))
        {
            Assert.True(next - at <= time.LongestGap);
            (at, count) = (next, count + 1);
        }

        Assert.Equal((365 * 4) + 1, count);
    }

    [Fact]
    public void The_longest_gap_is_that_of_the_days_and_a_change_of_the_clock()
    {
        Assert.Equal(TimeSpan.FromHours(27), Gap("03:30"));
        Assert.Equal(TimeSpan.FromHours((7 * 24) + 3), Gap("mon 03:30"));
        Assert.Equal(TimeSpan.FromHours((3 * 24) + 3), Gap("mon-fri 03:30"));
        static TimeSpan Gap(string text) => CalendarTime.TryParse(text, out var time) ? time.LongestGap : default;
    }

    [Fact]
    public void The_end_of_the_calendar_is_no_fault()
    {
        Assert.True(CalendarTime.TryParse("mon 03:30", out var time));
        var late = DateTimeOffset.MaxValue - TimeSpan.FromDays(2);
        Assert.Equal(late.AddDays(1), time.Next(late, TimeZoneInfo.Utc));
    }

    private static DateTimeOffset Next(string text, string after, TimeZoneInfo zone) => CalendarTime.TryParse(text, out var time) ? time.Next(At(after), zone) : default;

    private static DateTimeOffset At(string text) => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture);
}
