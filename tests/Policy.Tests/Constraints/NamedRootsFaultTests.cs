namespace Strata.Policy.Tests;

/// <summary>A list of roots that cannot be taken says which entry is wrong and what to write.</summary>
public class NamedRootsFaultTests
{
    [Theory]
    [InlineData("home")]
    [InlineData(":/srv")]
    [InlineData("Home:/srv")]
    [InlineData("home:ro")]
    [InlineData("home:rw")]
    [InlineData("/srv")]
    public void An_entry_that_names_no_root_is_told_how_one_is_written(string entry) => Assert.Equal(
        $"must be NAME:PATH, NAME:PATH:ro or NAME:PATH:rw, separated by commas, with lower-case names of at most 32 characters; it has \"{entry}\"",
        FaultOf("docs:/srv/docs," + entry));

    [Theory]
    [InlineData("home:srv", "must be an absolute path, such as \"/srv/data\"")]
    [InlineData("home::ro", "must be an absolute path, such as \"/srv/data\"")]
    [InlineData("home:other:/srv", "must be an absolute path of the host")]
    public void A_root_that_is_no_folder_of_the_host_says_why(string entry, string why) =>
        Assert.Equal($"names for \"home\" what is no folder: it {why}", FaultOf(entry));

    [Fact]
    public void A_root_named_twice_and_a_root_too_many_are_refused()
    {
        Assert.Equal("names the root \"home\" twice", FaultOf("home:/a,docs:/b,home:/c"));
        Assert.Equal("names more than 64 roots", FaultOf(string.Join(',', Enumerable.Range(0, 65).Select(i => $"r{i}:/r{i}"))));
    }

    [Theory]
    [InlineData(32, true)]
    [InlineData(33, false)]
    public void A_name_has_a_longest_length(int length, bool isName)
    {
        Assert.Equal(isName, NamedRoot.IsName(new string('a', length)));
        Assert.Equal(isName, PathPrefix.TryParse(new string('a', length) + ":/", out _, out _));
        Assert.False(NamedRoot.IsName(""));
        Assert.False(NamedRoot.IsName(null));
    }

    [Theory]
    [InlineData(null, false)]
    [InlineData("", false)]
    [InlineData("home:/a", true)]
    public void Roots_are_named_or_there_are_none(string? text, bool areNamed)
    {
        Assert.True(NamedRoots.TryParse(text, out var roots, out var fault), fault);
        Assert.Equal(areNamed, roots.AreNamed);
    }

    [Theory]
    [InlineData("a:/:rw", "lets \"a\" be written, which holds the node's own state directory; choose another folder, or leave \":rw\" out")]
    [InlineData("b:/state/b:rw", "lets \"b\" be written, which lies in the node's own state directory; choose another folder, or leave \":rw\" out")]
    [InlineData("d:/run/x:rw", "lets \"d\" be written, which lies in the node's own runtime directory; choose another folder, or leave \":rw\" out")]
    [InlineData("a:/state/a:rw,b:/state/b:rw", "lets \"a\" be written, which lies in the node's own state directory; choose another folder, or leave \":rw\" out")]
    public void A_root_over_the_nodes_own_directories_says_which_and_where(string text, string said)
    {
        Assert.True(NamedRoots.TryParse(text, out var roots, out var fault), fault);
        Assert.Equal(said, roots.FaultWith([("state directory", "/state"), ("runtime directory", "/run")]));
    }

    private static string FaultOf(string text)
    {
        Assert.False(NamedRoots.TryParse(text, out var roots, out var fault));
        Assert.Null(roots);
        return fault;
    }
}
