using Strata.StrataCtl.Output;

namespace Strata.StrataCtl.Tests.Output;

public class DurationsTests
{
    [Theory]
    [InlineData("500ms", 500)]
    [InlineData("10", 10_000)]
    [InlineData("10s", 10_000)]
    [InlineData("1.5m", 90_000)]
    [InlineData("2h", 7_200_000)]
    [InlineData("365d", 31_536_000_000)]
    public void A_number_and_a_unit_is_a_time(string text, long milliseconds) => Assert.Equal(TimeSpan.FromMilliseconds(milliseconds), Durations.Parse(text));

    [Theory]
    [InlineData("")]
    [InlineData("s")]
    [InlineData("0")]
    [InlineData("-1s")]
    [InlineData("10 s")]
    [InlineData("10y")]
    [InlineData("1e3s")]
    [InlineData("1.2.3s")]
    [InlineData("366d")]
    [InlineData("99999999999999999999999999h")]
    public void Anything_else_is_none(string text) => Assert.Null(Durations.Parse(text));

    [Theory]
    [InlineData(0, "0ms")]
    [InlineData(999, "999ms")]
    [InlineData(12_000, "12s")]
    [InlineData(185_000, "3m 5s")]
    [InlineData(7_260_000, "2h 1m")]
    [InlineData(97_200_000, "1d 3h")]
    [InlineData(-12_000, "-12s")]
    public void A_time_is_shown_in_its_largest_units(long milliseconds, string shown) => Assert.Equal(shown, Durations.ShowMs(milliseconds));
}
