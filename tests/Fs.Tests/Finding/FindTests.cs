using Strata.Contracts;
using Strata.Ipc;

namespace Strata.Fs.Tests;

/// <summary>Searches find what fits and nothing outside, within their bounds.</summary>
public sealed class FindTests
{
    [Theory]
    [InlineData("*", "a", true)]
    [InlineData("*", "a/b", true)]
    [InlineData("*.txt", "a/b/c.txt", true)]
    [InlineData("*.txt", "a/b/c.txt/d", false)]
    [InlineData("a/*", "a/b", true)]
    [InlineData("a/*", "a/b/c", false)]
    [InlineData("a/**", "a/b/c", true)]
    [InlineData("a/**", "a", true)]
    [InlineData("**/c", "c", true)]
    [InlineData("**/c", "a/b/c", true)]
    [InlineData("a/**/c", "a/c", true)]
    [InlineData("a/**/c", "a/x/y/c", true)]
    [InlineData("a/**/c", "b/x/c", false)]
    [InlineData("/a/b/", "a/b", true)]
    [InlineData("?", "ab", false)]
    [InlineData("a?c", "abc", true)]
    [InlineData("[ab]", "a", false)]
    [InlineData("[ab]", "[ab]", true)]
    [InlineData("a\\*", "a\\b", true)]
    [InlineData("A", "a", false)]
    [InlineData("<", "x.y", false)]
    [InlineData("a\nb", "a\nb", true)]
    public void A_pattern_fits_a_path_or_not(string pattern, string path, bool fits) => Assert.Equal(fits, new GlobPattern(pattern).Matches(path));

    [Fact]
    public void A_pattern_made_to_take_long_does_not()
    {
        var pattern = new GlobPattern(string.Concat(Enumerable.Repeat("**/a*a*a*/", 100)) + "x");
        Assert.False(pattern.Matches(string.Join('/', Enumerable.Repeat(new string('a', 250), 15))));
    }

    [Fact]
    public async Task What_fits_is_found_and_links_are_not_followed()
    {
        await using var node = new FsNode();
        Directory.CreateDirectory(node["a/b"]);
        node.Write("a/one.txt", "1"u8);
        node.Write("a/b/two.txt", "22"u8);
        node.Write("a/b/three", "333"u8);
        File.WriteAllText(Path.Combine(node.Outside, "four.txt"), "4");
        File.CreateSymbolicLink(node["a/door"], node.Outside);
        var client = await node.ConnectAsync();
        Assert.Equal(["a/b/two.txt", "a/one.txt"], (await FindAsync(client, """{"pattern":"*.txt"}""")).Found);
        Assert.Equal(["b/two.txt", "one.txt"], (await FindAsync(client, """{"path":"a","pattern":"*.txt"}""")).Found);
        Assert.Equal(["a", "a/b"], (await FindAsync(client, """{"kind":"dir"}""")).Found);
        Assert.Equal(["a/door"], (await FindAsync(client, """{"kind":"symlink"}""")).Found);
        Assert.Equal(["a"], (await FindAsync(client, """{"max_depth":1}""")).Found);
        Assert.Equal(0, node.Service.Handles.Count);
        (await client.CallAsync("fs.find", """{"path":"a/door"}""")).MustBe(ErrorCode.PermissionDenied, "path_outside_prefix");
        (await client.CallAsync("fs.find", """{"path":"a/one.txt"}""")).MustBe(ErrorCode.InvalidArgument, "not_directory");
    }

    [Fact]
    public async Task A_search_stops_at_its_bounds_and_says_so()
    {
        await using var node = new FsNode(new FsOptions { MaxVisited = 1500 });
        for (var i = 0; i < 1200; i++)
        {
            node.Write($"{i:d4}", ""u8);
        }

        var client = await node.ConnectAsync();
        var whole = await FindAsync(client, "{}");
        Assert.Equal((1200, 1200L, false), (whole.Found.Length, whole.Last.Visited, whole.Last.Truncated));
        var limited = await FindAsync(client, """{"limit":1199}""");
        Assert.Equal((1199, true), (limited.Found.Length, limited.Last.Truncated));
        for (var i = 0; i < 301; i++)
        {
            node.Write($"x{i:d4}", ""u8);
        }

        var bounded = await FindAsync(client, "{}");
        Assert.Equal((1500, true), (bounded.Found.Length, bounded.Last.Truncated));
    }

    internal static async Task<(string[] Found, FindPart Last)> FindAsync(FsClient client, string json)
    {
        var found = new List<string>();
        FindPart? last = null;
        await foreach (var item in client.StreamAsync("fs.find", json))
        {
            Assert.Null(item.Error);
            last = item.Get(ContractsJson.Default.FindPart);
            found.AddRange(last.Entries.Select(e => e.Path));
        }

        return ([.. found.Order(StringComparer.Ordinal)], last!);
    }
}
