namespace Strata.Policy.Tests;

public class NamedRootsTests
{
    [Theory]
    [InlineData("home:", "home:/", "home", "/")]
    [InlineData("home:/", "home:/", "home", "/")]
    [InlineData("home:/a/b/", "home:/a/b", "home", "/a/b")]
    [InlineData("h-2_x:/a", "h-2_x:/a", "h-2_x", "/a")]
    [InlineData("/a:b/c", "/a:b/c", null, "/a:b/c")]
    public void A_prefix_may_name_a_root(string text, string value, string? root, string path)
    {
        var prefix = Samples.Prefix(text);
        Assert.Equal((value, root, path), (prefix.Value, prefix.RootName, prefix.Path));
    }

    [Theory]
    [InlineData("Home:/")]
    [InlineData(":/a")]
    [InlineData("home:a")]
    [InlineData("home:/a/../b")]
    [InlineData("home://")]
    [InlineData("home:/a\n")]
    [InlineData("home:home:/")]
    [InlineData("a-name-of-a-root-that-is-longer-x:/")]
    public void What_names_no_root_is_no_prefix(string text) => Assert.False(PathPrefix.TryParse(text, out _, out _));

    [Theory]
    [InlineData("home:/", "home:/a", true)]
    [InlineData("home:/", "home:/", true)]
    [InlineData("home:/a", "home:/a/b", true)]
    [InlineData("home:/a", "home:/ab", false)]
    [InlineData("home:/a", "home:/", false)]
    [InlineData("home:/", "homes:/a", false)]
    [InlineData("home:/", "/a", false)]
    [InlineData("/", "home:/a", false)]
    [InlineData("/", "/a", true)]
    public void A_root_holds_what_is_beneath_it_and_the_host_holds_no_root(string outer, string inner, bool holds) =>
        Assert.Equal(holds, Samples.Prefix(outer).Contains(Samples.Prefix(inner)));

    [Theory]
    [InlineData("home:/a", "b", "b")]
    [InlineData("home:/a", "home:/a/b", "b")]
    [InlineData("home:/a", "home:/a", ".")]
    [InlineData("home:/a", "./home:/a", "home:/a")]
    [InlineData("home:/a", "home", "home")]
    [InlineData("home:/a", "homework/b", "homework/b")]
    [InlineData("home:/", "home:/b/c", "b/c")]
    [InlineData("/srv", "home:/a", "home:/a")]
    public void A_path_is_taken_beneath_a_root(string prefix, string path, string relative) =>
        Assert.Equal(relative, PathScope.Resolve(Samples.Prefix(prefix), path).RelativePath);

    [Theory]
    [InlineData("home:/a", "/a/b")]
    [InlineData("home:/a", "/")]
    [InlineData("home:/a", "home:/b")]
    [InlineData("home:/a", "home:/")]
    [InlineData("home:/a", "home:/a/../b")]
    [InlineData("home:/a", "..")]
    public void A_path_outside_a_root_is_denied(string prefix, string path) =>
        Assert.Equal(DenyReason.PathOutsidePrefix, PathScope.Resolve(Samples.Prefix(prefix), path).Reason);

    [Fact]
    public void The_innermost_root_around_a_path_of_the_host_is_its_own()
    {
        Assert.True(NamedRoots.TryParse("all:/,home:/srv/users:rw,docs:/srv/users/docs:ro", out var roots, out _));
        Assert.Equal(
            ["all", "home", "docs", "all", "home"],
            new[] { "/srv", "/srv/users/a", "/srv/users/docs/b", "/srv/userss", "home:/docs" }.Select(p => roots.Of(Samples.Prefix(p))!.Name));
        Assert.Equal([false, true, false], roots.All.Select(r => r.IsWritable));
        Assert.Null(roots.Of(Samples.Prefix("away:/")));
        Assert.Null(NamedRoots.None.Of(Samples.Prefix("/")));
    }

    [Theory]
    [InlineData(64, true)]
    [InlineData(65, false)]
    public void So_many_roots_are_named_and_not_one_more(int count, bool good) =>
        Assert.Equal(good, NamedRoots.TryParse(string.Join(',', Enumerable.Range(0, count).Select(i => $"r{i}:/r{i}")), out _, out _));

    [Theory]
    [InlineData("a:/state", true)]
    [InlineData("a:/state:rw", false)]
    [InlineData("a:/state/identity:rw", false)]
    [InlineData("a:/:rw", false)]
    [InlineData("a:/states:rw", true)]
    public void Where_the_nodes_own_directories_are_nothing_is_written(string text, bool good)
    {
        Assert.True(NamedRoots.TryParse(text, out var roots, out _));
        Assert.Equal(good, roots.FaultWith([("state directory", "/state")]) is null);
    }
}
