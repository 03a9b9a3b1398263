namespace Strata.Policy.Tests;

public class ClockSkewTests
{
    [Fact]
    public void Clocks_may_differ_by_thirty_seconds_and_by_five_minutes_where_that_is_configured()
    {
        Assert.Equal(TimeSpan.FromSeconds(30), ClockSkew.Default);
        Assert.Equal(TimeSpan.FromMinutes(5), ClockSkew.Max);
    }

    [Theory]
    [InlineData(-1, 0)]
    [InlineData(0, 0)]
    [InlineData(1, 1)]
    [InlineData(300, 300)]
    [InlineData(301, 300)]
    public void A_skew_is_brought_into_its_range(int seconds, int given) =>
        Assert.Equal(TimeSpan.FromSeconds(given), ClockSkew.Clamp(TimeSpan.FromSeconds(seconds)));
}
