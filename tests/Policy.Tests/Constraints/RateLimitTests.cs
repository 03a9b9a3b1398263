namespace Strata.Policy.Tests;

public class RateLimitTests
{
    [Theory]
    [InlineData("1rps", 1)]
    [InlineData("9rps", 9)]
    [InlineData("50rps", 50)]
    [InlineData("1000000rps", RateLimit.MaxPerSecond)]
    public void A_rate_is_digits_and_the_unit(string text, int perSecond)
    {
        Assert.True(RateLimit.TryParse(text, out var limit, out _));
        Assert.Equal(perSecond, limit.PerSecond);
        Assert.Equal(text, limit.ToString());
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("rps")]
    [InlineData("50")]
    [InlineData("50/s")]
    [InlineData("50 rps")]
    [InlineData(" 50rps")]
    [InlineData("50rps ")]
    [InlineData("50RPS")]
    [InlineData("0rps")]
    [InlineData("050rps")]
    [InlineData("-1rps")]
    [InlineData("+1rps")]
    [InlineData("1.5rps")]
    [InlineData("1e3rps")]
    [InlineData("5\0rps")]
    [InlineData("1_000rps")]
    [InlineData("1,000rps")]
    [InlineData("٥rps")]
    [InlineData("1000001rps")]
    [InlineData("99999999999rps")]
    [InlineData("unlimited")]
    public void A_malformed_rate_is_refused_with_what_is_expected(string? text)
    {
        Assert.False(RateLimit.TryParse(text, out _, out var fault));
        Assert.Contains("50rps", fault, StringComparison.Ordinal);
    }
}
