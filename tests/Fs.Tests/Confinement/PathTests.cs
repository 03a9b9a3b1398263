using Strata.Ipc;

namespace Strata.Fs.Tests;

/// <summary>No path leaves the prefix by its text, a link or a magic link.</summary>
public sealed class PathTests
{
    [Theory]
    [InlineData("../outside/secret")]
    [InlineData("inner/../../outside/secret")]
    [InlineData("..")]
    [InlineData("/etc/passwd")]
    [InlineData("/")]
    public async Task A_path_that_leaves_the_prefix_by_its_text_is_denied_by_every_method(string path)
    {
        await using var node = new FsNode();
        Directory.CreateDirectory(node["inner"]);
        File.WriteAllText(Path.Combine(node.Outside, "secret"), "secret");
        var client = await node.ConnectAsync();
        foreach (var response in new[] { await client.TryOpenAsync(path), await client.TryStatAsync(path), await client.TryListAsync(path) })
        {
            response.MustBe(ErrorCode.PermissionDenied, "path_outside_prefix");
        }
    }

    [Theory]
    [InlineData("escape-file")]
    [InlineData("escape-relative")]
    [InlineData("escape-dir/secret")]
    [InlineData("escape-and-return/inside")]
    public async Task A_link_that_leaves_the_prefix_is_denied_and_audited(string path)
    {
        await using var node = new FsNode();
        var secret = Path.Combine(node.Outside, "secret");
        File.WriteAllText(secret, "secret");
        node.Write("inside", "public"u8);
        File.CreateSymbolicLink(node["escape-file"], secret);
        File.CreateSymbolicLink(node["escape-relative"], "../outside/secret");
        File.CreateSymbolicLink(node["escape-dir"], node.Outside);
        File.CreateSymbolicLink(node["escape-and-return"], node.Root);
        var client = await node.ConnectAsync();
        (await client.TryOpenAsync(path)).MustBe(ErrorCode.PermissionDenied, "path_outside_prefix");
        (await client.TryStatAsync(path)).MustBe(ErrorCode.PermissionDenied, "path_outside_prefix");
        (await client.TryListAsync(path)).MustBe(ErrorCode.PermissionDenied, "path_outside_prefix");

        var denied = (await node.AuditAsync()).Where(r => r.GetProperty("event").GetString() == "auth.denied").ToArray();
        Assert.Equal(["fs.open", "fs.stat", "fs.list"], denied.Select(r => r.GetProperty("method").GetString()));
        Assert.All(denied, r => Assert.Equal(("path_outside_prefix", path), (r.GetProperty("reason").GetString(), r.GetProperty("resource").GetString())));
    }

    [Theory]
    [InlineData("self/root/etc/passwd")]
    [InlineData("self/cwd")]
    [InlineData("self/exe")]
    [InlineData("self/fd/0")]
    [InlineData("thread-self/root")]
    public async Task A_magic_link_is_not_followed(string path)
    {
        await using var node = new FsNode();
        var client = await node.ConnectAsync(node.Grant("/proc"));
        (await client.TryOpenAsync(path)).MustBe(ErrorCode.PermissionDenied, "link_refused");
        (await client.TryStatAsync(path)).MustBe(ErrorCode.PermissionDenied, "link_refused");
        (await client.TryListAsync(path)).MustBe(ErrorCode.PermissionDenied, "link_refused");
        Assert.Equal(3, (await node.AuditAsync()).Count(r => r.GetProperty("event").GetString() == "auth.denied"));
    }

    [Fact]
    public async Task A_link_that_stays_inside_is_followed()
    {
        await using var node = new FsNode();
        Directory.CreateDirectory(node["a/b"]);
        node.Write("a/target", "inside"u8);
        File.CreateSymbolicLink(node["a/b/link"], "../target");
        var client = await node.ConnectAsync();
        Assert.Equal("inside", (await client.ReadAsync(await client.OpenAsync("a/b/link"))).Data);
    }

    [Fact]
    public async Task A_loop_of_links_is_refused()
    {
        await using var node = new FsNode();
        File.CreateSymbolicLink(node["one"], "two");
        File.CreateSymbolicLink(node["two"], "one");
        var client = await node.ConnectAsync();
        (await client.TryOpenAsync("one")).MustBe(ErrorCode.PermissionDenied, "link_refused");
    }

    [Fact]
    public async Task An_absolute_path_beneath_the_prefix_is_opened()
    {
        await using var node = new FsNode();
        node.Write("file", "x"u8);
        var client = await node.ConnectAsync();
        Assert.Equal("x", (await client.ReadAsync(await client.OpenAsync(node["file"]))).Data);
    }

    [Fact]
    public async Task A_prefix_that_was_replaced_is_never_served_stale()
    {
        await using var node = new FsNode();
        node.Write("file", "old"u8);
        var client = await node.ConnectAsync();
        Assert.Equal("old", (await client.ReadAsync(await client.OpenAsync("file"))).Data);
        Directory.Move(node.Root, node.Root + "-moved");
        (await client.TryOpenAsync("file")).MustBe(ErrorCode.NotFound, "prefix_missing");
        Directory.CreateDirectory(node.Root);
        node.Write("file", "new"u8);
        Assert.Equal("new", (await client.ReadAsync(await client.OpenAsync("file"))).Data);
    }

    [Fact]
    public async Task A_link_in_the_prefix_itself_is_the_issuers_decision()
    {
        await using var node = new FsNode();
        File.WriteAllText(Path.Combine(node.Outside, "file"), "granted");
        File.CreateSymbolicLink(node["granted"], node.Outside);
        var client = await node.ConnectAsync(node.Grant(node["granted"]));
        Assert.Equal("granted", (await client.ReadAsync(await client.OpenAsync("file"))).Data);
    }

    [Fact]
    public async Task A_prefix_that_is_a_file_or_missing_is_not_found()
    {
        await using var node = new FsNode();
        node.Write("file", "x"u8);
        foreach (var prefix in new[] { "file", "missing" })
        {
            var client = await node.ConnectAsync(node.Grant(node[prefix]));
            (await client.TryOpenAsync("x")).MustBe(ErrorCode.NotFound, "prefix_missing");
            (await client.TryListAsync()).MustBe(ErrorCode.NotFound, "prefix_missing");
        }
    }

    [Fact]
    public async Task A_neighbour_whose_name_begins_like_the_prefix_is_outside()
    {
        await using var node = new FsNode();
        Directory.CreateDirectory(node.Root + "2");
        File.WriteAllText(Path.Combine(node.Root + "2", "file"), "x");
        var client = await node.ConnectAsync();
        (await client.TryOpenAsync(node.Root + "2/file")).MustBe(ErrorCode.PermissionDenied, "path_outside_prefix");
    }
}
