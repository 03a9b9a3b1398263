namespace Strata.Supervision.Tests;

public sealed class NearestNameTests
{
    [Theory]
    [InlineData("abc", "abc", true)]
    [InlineData("xxc", "abc", true)]
    [InlineData("xxx", "abc", false)]
    [InlineData("xxab", "ab", true)]
    [InlineData("xxxab", "ab", false)]
    [InlineData("ab", "abxx", true)]
    [InlineData("ab", "abxxx", false)]
    [InlineData("abcxxxghi", "abcdefghi", true)]
    [InlineData("abcxxxxhi", "abcdefghi", false)]
    [InlineData("xxxxefghijkl", "abcdefghijkl", true)]
    [InlineData("xxxxxfghijkl", "abcdefghijkl", false)]
    [InlineData("bcda", "abcd", true)]
    public void A_name_is_near_within_two_edits_or_a_third_of_its_length(string given, string known, bool near) =>
        Assert.Equal(near ? known : null, NearestName.Of(given, [known]));

    [Fact]
    public void The_nearest_counts_and_of_equals_the_first_by_name()
    {
        Assert.Equal("abcd", NearestName.Of("abce", ["abxx", "abcd", "axxe"]));
        Assert.Equal("aa", NearestName.Of("ab", ["ac", "aa"]));
        Assert.Null(NearestName.Of("ab", []));
    }

    [Theory]
    [InlineData(126, true)]
    [InlineData(127, false)]
    public void A_name_of_more_than_twice_the_longest_is_no_typo(int length, bool near)
    {
        var known = new string('a', length);
        Assert.Equal(near ? known : null, NearestName.Of(known[1..] + "b", [known]));
    }
}
