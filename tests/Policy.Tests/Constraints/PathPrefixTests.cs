namespace Strata.Policy.Tests;

public class PathPrefixTests
{
    [Theory]
    [InlineData("/", "/")]
    [InlineData("/srv", "/srv")]
    [InlineData("/srv/data/", "/srv/data")]
    [InlineData("/srv/.hidden/..more", "/srv/.hidden/..more")]
    public void A_prefix_is_absolute_and_normalised(string text, string value) => Assert.Equal(value, Samples.Prefix(text).Value);

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("srv")]
    [InlineData("./srv")]
    [InlineData("//")]
    [InlineData("//srv")]
    [InlineData("/srv//data")]
    [InlineData("/srv//")]
    [InlineData("/srv/./data")]
    [InlineData("/srv/../etc")]
    [InlineData("/..")]
    [InlineData("/.")]
    [InlineData("/srv\0/data")]
    [InlineData("/srv\n/data")]
    [InlineData("/srv\x7f")]
    public void Anything_else_is_refused(string? text)
    {
        Assert.False(PathPrefix.TryParse(text, out _, out var fault));
        Assert.StartsWith("must", fault, StringComparison.Ordinal);
    }

    // Apart from the others, because a lone surrogate does not survive in an attribute.
    [Fact]
    public void Broken_Unicode_is_refused() => Anything_else_is_refused("/srv/\ud800");

    [Theory]
    [InlineData("/srv/data", "/srv/data", true)]
    [InlineData("/srv/data", "/srv/data/a", true)]
    [InlineData("/srv/data", "/srv/database", false)]
    [InlineData("/srv/data", "/srv", false)]
    [InlineData("/srv/data", "/SRV/data", false)]
    [InlineData("/", "/", true)]
    [InlineData("/", "/srv", true)]
    public void Beneath_is_decided_on_whole_segments(string prefix, string other, bool isBeneath) =>
        Assert.Equal(isBeneath, Samples.Prefix(prefix).Contains(Samples.Prefix(other)));

    [Fact]
    public void A_prefix_may_be_as_long_and_as_deep_as_the_limits_and_no_more()
    {
        Assert.Equal(ClaimLimits.MaxPathSegmentBytes, Samples.Prefix("/" + new string('a', ClaimLimits.MaxPathSegmentBytes)).Value.Length - 1);
        Assert.False(PathPrefix.TryParse("/" + new string('a', ClaimLimits.MaxPathSegmentBytes + 1), out _, out _));
        Assert.False(PathPrefix.TryParse("/" + new string('é', 128), out _, out _));
        _ = Samples.Prefix(string.Concat(Enumerable.Repeat("/a", ClaimLimits.MaxPathDepth)));
        Assert.False(PathPrefix.TryParse(string.Concat(Enumerable.Repeat("/a", ClaimLimits.MaxPathDepth + 1)), out _, out _));
        var longest = string.Concat(Enumerable.Repeat("/" + new string('a', 127), 32));
        Assert.Equal(ClaimLimits.MaxPathBytes, longest.Length);
        _ = Samples.Prefix(longest);
        Assert.False(PathPrefix.TryParse(longest + "a", out _, out _));
    }
}
