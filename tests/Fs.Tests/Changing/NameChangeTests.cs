using Strata.Contracts;
using Strata.Ipc;

namespace Strata.Fs.Tests;

/// <summary>Directories are made, names moved and removed, bits set, files copied and linked.</summary>
public sealed class NameChangeTests
{
    [Fact]
    public async Task Directories_are_made_one_by_one_or_with_all_above()
    {
        await using var node = new FsNode(writable: true);
        node.Write("file", "x"u8);
        var client = await node.ConnectAsync();
        Assert.Equal("made", await client.StatusAsync("fs.mkdir", """{"path":"one","permissions":"0700"}"""));
        Assert.Equal("0700", (await client.StatAsync("one")).Mode);
        (await client.CallAsync("fs.mkdir", """{"path":"one"}""")).MustBe(ErrorCode.Conflict, "exists");
        (await client.CallAsync("fs.mkdir", """{"path":"a/b/c"}""")).MustBe(ErrorCode.NotFound, "not_found");
        Assert.Equal("made", await client.StatusAsync("fs.mkdir", """{"path":"a/b/c","parents":true}"""));
        Assert.Equal("exists", await client.StatusAsync("fs.mkdir", """{"path":"a/b/c","parents":true}"""));
        Assert.True(Directory.Exists(node["a/b/c"]));
        (await client.CallAsync("fs.mkdir", """{"path":"file","parents":true}""")).MustBe(ErrorCode.Conflict, "exists");
        (await client.CallAsync("fs.mkdir", """{"path":"file/x","parents":true}""")).MustBe(ErrorCode.InvalidArgument, "not_directory");
    }

    [Fact]
    public async Task A_rename_replaces_nothing_unless_asked_to()
    {
        await using var node = new FsNode(writable: true);
        node.Write("a", "a"u8);
        node.Write("b", "b"u8);
        Directory.CreateDirectory(node["dir/inner"]);
        var client = await node.ConnectAsync();
        (await client.CallAsync("fs.rename", """{"from":"a","to":"b"}""")).MustBe(ErrorCode.Conflict, "exists");
        Assert.Equal("b", File.ReadAllText(node["b"]));
        Assert.Equal("renamed", await client.StatusAsync("fs.rename", """{"from":"a","to":"b","replace":true}"""));
        Assert.Equal("a", File.ReadAllText(node["b"]));
        Assert.Equal("renamed", await client.StatusAsync("fs.rename", """{"from":"b","to":"dir/inner/c"}"""));
        (await client.CallAsync("fs.rename", """{"from":"dir","to":"dir/inner/d"}""")).MustBe(ErrorCode.InvalidArgument, "invalid_change");
        (await client.CallAsync("fs.rename", """{"from":"none","to":"d"}""")).MustBe(ErrorCode.NotFound, "not_found");
        (await client.CallAsync("fs.rename", """{"from":"dir/inner/c","to":"dir","replace":true}""")).MustBe(ErrorCode.Conflict, "not_empty");
        Directory.CreateDirectory(node["empty"]);
        (await client.CallAsync("fs.rename", """{"from":"dir/inner/c","to":"empty","replace":true}""")).MustBe(ErrorCode.InvalidArgument, "is_directory");
    }

    [Fact]
    public async Task A_full_directory_is_removed_only_with_the_right_to_it_and_within_the_bound()
    {
        await using var node = new FsNode(writable: true);
        Directory.CreateDirectory(node["tree/a/b"]);
        for (var i = 0; i < 20; i++)
        {
            node.Write($"tree/a/{i}", "x"u8);
        }

        File.WriteAllText(Path.Combine(node.Outside, "kept"), "x");
        File.CreateSymbolicLink(node["tree/a/b/door"], node.Outside);
        var careful = await node.ConnectAsync(node.Grant(rights: ["fs.remove"]));
        (await careful.CallAsync("fs.remove", """{"path":"tree"}""")).MustBe(ErrorCode.Conflict, "not_empty");
        (await careful.CallAsync("fs.remove_tree", """{"path":"tree"}""")).MustBe(ErrorCode.PermissionDenied, "right_missing");

        var client = await node.ConnectAsync();
        Assert.Equal(new RemoveTreeResult(5, false), (await client.CallAsync("fs.remove_tree", """{"path":"tree","limit":5}""")).Get(ContractsJson.Default.RemoveTreeResult));
        // 20 files, a link and three directories, five of them gone.
        Assert.Equal(new RemoveTreeResult(19, true), (await client.CallAsync("fs.remove_tree", """{"path":"tree","limit":19}""")).Get(ContractsJson.Default.RemoveTreeResult));
        Assert.False(Directory.Exists(node["tree"]));
        Assert.True(File.Exists(Path.Combine(node.Outside, "kept")));
        (await client.CallAsync("fs.remove_tree", """{"path":"tree"}""")).MustBe(ErrorCode.NotFound, "not_found");
    }

    [Fact]
    public async Task Removing_takes_a_link_itself_a_file_or_an_empty_directory()
    {
        await using var node = new FsNode(writable: true);
        node.Write("file", "x"u8);
        Directory.CreateDirectory(node["dir"]);
        File.CreateSymbolicLink(node["link"], "file");
        Native.MakeFifo(node["fifo"]);
        var client = await node.ConnectAsync();
        foreach (var name in new[] { "link", "dir", "fifo" })
        {
            Assert.Equal("removed", await client.StatusAsync("fs.remove", $$"""{"path":"{{name}}"}"""));
        }

        Assert.Equal(["file"], Directory.GetFileSystemEntries(node.Root).Select(Path.GetFileName));
        (await client.CallAsync("fs.remove", """{"path":"file/x"}""")).MustBe(ErrorCode.InvalidArgument, "not_directory");
    }

    [Fact]
    public async Task Permission_bits_are_set_and_no_others()
    {
        await using var node = new FsNode(writable: true);
        node.Write("file", "x"u8);
        Native.MakeFifo(node["fifo"]);
        var client = await node.ConnectAsync();
        Assert.Equal("changed", await client.StatusAsync("fs.chmod", """{"path":"file","permissions":"640"}"""));
        Assert.Equal("0640", (await client.StatAsync("file")).Mode);
        (await client.CallAsync("fs.chmod", """{"path":"file","permissions":"4755"}""")).MustBe(ErrorCode.InvalidArgument, null);
        (await client.CallAsync("fs.chmod", """{"path":"fifo","permissions":"0777"}""")).MustBe(ErrorCode.InvalidArgument, "not_regular_file");
    }

    [Fact]
    public async Task A_copy_has_the_content_the_holes_and_the_bits_and_leaves_nothing_beside_it()
    {
        await using var node = new FsNode(writable: true);
        var content = new byte[300_000];
        new Random(1).NextBytes(content);
        node.Write("from", content);
        File.SetUnixFileMode(node["from"], (UnixFileMode)0x1A0);
        using (var file = File.OpenHandle(node["from"], FileMode.Open, FileAccess.Write))
        {
            RandomAccess.Write(file, "end"u8, 1L << 40);
        }

        node.Write("taken", "x"u8);
        var client = await node.ConnectAsync();
        (await client.CallAsync("fs.copy", """{"from":"from","to":"taken"}""")).MustBe(ErrorCode.Conflict, "exists");
        Assert.Equal((1L << 40) + 3, (await client.CallAsync("fs.copy", """{"from":"from","to":"taken","replace":true}""")).Get(ContractsJson.Default.CopyResult).Size);
        var copy = new byte[300_000];
        using (var file = File.OpenHandle(node["taken"]))
        {
            Assert.Equal(content.Length, RandomAccess.Read(file, copy, 0));
            Assert.Equal(3, RandomAccess.Read(file, new byte[10], 1L << 40));
        }

        Assert.Equal(content, copy);
        Assert.Equal("0640", (await client.StatAsync("taken")).Mode);
        Assert.Equal(["from", "taken"], Directory.GetFileSystemEntries(node.Root).Select(Path.GetFileName).Order());
        Assert.Equal(0, node.Service.Handles.Count);
    }

    [Fact]
    public async Task Only_regular_files_are_copied_and_linked()
    {
        await using var node = new FsNode(writable: true);
        Directory.CreateDirectory(node["dir"]);
        Native.MakeFifo(node["fifo"]);
        node.Write("file", "x"u8);
        var client = await node.ConnectAsync();
        foreach (var method in new[] { "fs.copy", "fs.link" })
        {
            (await client.CallAsync(method, """{"from":"dir","to":"new"}""")).MustBe(ErrorCode.InvalidArgument, "is_directory");
            (await client.CallAsync(method, """{"from":"fifo","to":"new"}""")).MustBe(ErrorCode.InvalidArgument, "not_regular_file");
            (await client.CallAsync(method, """{"from":"none","to":"new"}""")).MustBe(ErrorCode.NotFound, "not_found");
            (await client.CallAsync(method, """{"from":"file","to":"fifo"}""")).MustBe(ErrorCode.Conflict, "exists");
        }

        Assert.Equal("linked", await client.StatusAsync("fs.link", """{"from":"file","to":"dir/again"}"""));
        File.AppendAllText(node["file"], "y");
        Assert.Equal("xy", File.ReadAllText(node["dir/again"]));
    }

    [Fact]
    public async Task Changes_are_recorded_with_both_paths_as_the_caller_named_them()
    {
        await using var node = new FsNode(writable: true);
        node.Write("a", "x"u8);
        var client = await node.ConnectAsync();
        await client.StatusAsync("fs.rename", """{"from":"./a","to":"b"}""");
        await client.CallAsync("fs.rename", """{"from":"none","to":"b"}""");
        Assert.Equal(
            ["fs.rename allowed ./a b", "fs.rename denied none "],
            (await node.AuditAsync()).Select(r => $"{r.GetProperty("event")} {r.GetProperty("outcome")} {r.GetProperty("resource")} {(r.TryGetProperty("target", out var t) ? t.GetString() : "")}"));
    }
}
