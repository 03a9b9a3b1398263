namespace Strata.Policy.Tests;

public class PathScopeTests
{
    private static readonly PathPrefix Data = Samples.Prefix("/srv/data");

    [Theory]
    [InlineData("a.txt", "a.txt")]
    [InlineData("a/b/c", "a/b/c")]
    [InlineData(".", ".")]
    [InlineData("./", ".")]
    [InlineData("./a", "a")]
    [InlineData("a//b", "a/b")]
    [InlineData("a/./b/", "a/b")]
    [InlineData("..a/b..", "..a/b..")]
    [InlineData("...", "...")]
    [InlineData("a b\tc\n", "a b\tc\n")]
    [InlineData("a\\..\\b", "a\\..\\b")]
    [InlineData("%2e%2e/x", "%2e%2e/x")]
    [InlineData("~/x", "~/x")]
    [InlineData("日本/ß", "日本/ß")]
    [InlineData("/srv/data", ".")]
    [InlineData("/srv/data/", ".")]
    [InlineData("/srv/data/a", "a")]
    [InlineData("//srv/./data//a", "a")]
    public void A_path_beneath_the_prefix_is_resolved(string path, string relative)
    {
        var resolution = PathScope.Resolve(Data, path);
        Assert.Equal(relative, resolution.RelativePath);
        Assert.True(resolution.IsResolved);
        Assert.Equal(DenyReason.None, resolution.Reason);
    }

    [Theory]
    [InlineData("..")]
    [InlineData("../a")]
    [InlineData("a/..")]
    [InlineData("a/../b")]
    [InlineData("a/../../b")]
    [InlineData("./..//")]
    [InlineData("/srv/data/..")]
    [InlineData("/srv/data/../data/a")]
    [InlineData("/")]
    [InlineData("/srv")]
    [InlineData("/srv/database")]
    [InlineData("/srv/data2/a")]
    [InlineData("/etc/passwd")]
    [InlineData("/proc/self/root/srv/data")]
    public void A_path_that_leads_out_is_denied(string path) => AssertDenied(DenyReason.PathOutsidePrefix, Data, path);

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("a\0")]
    [InlineData("\0/etc/passwd")]
    public void A_path_that_is_no_path_is_invalid(string? path) => AssertDenied(DenyReason.InvalidPath, Data, path);

    // Apart from the others, because lone surrogates do not survive in an attribute.
    [Fact]
    public void Broken_Unicode_is_invalid()
    {
        AssertDenied(DenyReason.InvalidPath, Data, "a/\ud800/b");
        AssertDenied(DenyReason.InvalidPath, Data, "\udc00\ud800");
    }

    [Theory]
    [InlineData("a")]
    [InlineData("/")]
    [InlineData("..")]
    [InlineData(null)]
    public void Without_a_prefix_every_path_is_denied(string? path) => AssertDenied(DenyReason.NoPathPrefix, null, path);

    [Theory]
    [InlineData("/etc/passwd", "etc/passwd")]
    [InlineData("/", ".")]
    [InlineData("a", "a")]
    public void The_root_as_a_prefix_contains_everything(string path, string relative) =>
        Assert.Equal(relative, PathScope.Resolve(Samples.Prefix("/"), path).RelativePath);

    [Fact]
    public void A_path_may_reach_the_limits_and_no_further()
    {
        string Deep(int depth) => string.Join('/', Enumerable.Repeat("a", depth));
        Assert.True(PathScope.Resolve(Data, Deep(ClaimLimits.MaxPathDepth)).IsResolved);
        AssertDenied(DenyReason.InvalidPath, Data, Deep(ClaimLimits.MaxPathDepth + 1));
        Assert.True(PathScope.Resolve(Data, new string('a', ClaimLimits.MaxPathSegmentBytes)).IsResolved);
        AssertDenied(DenyReason.InvalidPath, Data, new string('a', ClaimLimits.MaxPathSegmentBytes + 1));
        var longest = new string('/', ClaimLimits.MaxPathBytes - 1);
        Assert.True(PathScope.Resolve(Data, "a" + longest).IsResolved);
        AssertDenied(DenyReason.InvalidPath, Data, "aa" + longest);
    }

    [Fact]
    public void Whatever_is_asked_for_the_answer_stays_beneath()
    {
        var random = new Random(42);
        string[] parts = ["..", ".", "", "a", "srv", "data", "/", "//", "\0", "...", "..a", "/srv/data", "\ud800", "é"];
        for (var round = 0; round < 50_000; round++)
        {
            var path = string.Join(random.Next(3) == 0 ? "" : "/", Enumerable.Range(0, random.Next(1, 7)).Select(_ => parts[random.Next(parts.Length)]));
            var resolution = PathScope.Resolve(Data, path);
            if (!resolution.IsResolved)
            {
                Assert.NotEqual(DenyReason.None, resolution.Reason);
                continue;
            }

            Assert.False(resolution.RelativePath.StartsWith('/'), path);
            Assert.DoesNotContain("..", resolution.RelativePath.Split('/'));
            var full = Path.GetFullPath(Path.Combine(Data.Value, resolution.RelativePath));
            Assert.True(Data.Contains(full), path);
            Assert.Equal(resolution.RelativePath, PathScope.Resolve(Data, resolution.RelativePath).RelativePath);
        }
    }

    private static void AssertDenied(DenyReason reason, PathPrefix? prefix, string? path)
    {
        var resolution = PathScope.Resolve(prefix, path);
        Assert.Equal(reason, resolution.Reason);
        Assert.Null(resolution.RelativePath);
    }
}
