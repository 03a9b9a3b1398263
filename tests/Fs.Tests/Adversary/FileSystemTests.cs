using Strata.Contracts;
using Strata.Ipc;

namespace Strata.Fs.Tests;

/// <summary>File systems that are full, read only, or mounted within each other are no fault of the service's, and nothing is lost on them.</summary>
public sealed class FileSystemTests
{
    private static readonly ContractsJson Json = ContractsJson.Default;

    [Fact]
    public async Task On_a_full_disk_nothing_old_is_lost_and_an_upload_goes_on_when_there_is_room()
    {
        await using var node = new FsNode(writable: true);
        using var mount = Mount.TryMake(node["small"], "-t", "tmpfs", "-o", "size=1M,mode=0755", "tmpfs");
        if (mount is null)
        {
            return;
        }

        node.Write("small/old", "old"u8);
        node.Write("large", new byte[2_000_000]);
        var client = await node.ConnectAsync();
        var handle = await client.OpenToWriteAsync("small/file");
        Assert.InRange((await client.TryWriteAsync(handle, new byte[600_000])).Get(Json.WriteResult).BytesWritten, 600_000, 600_000);
        var rest = (await client.TryWriteAsync(handle, new byte[600_000], 600_000)).Get(Json.WriteResult).BytesWritten;
        Assert.InRange(rest, 1, 599_999);
        (await client.TryWriteAsync(handle, new byte[10], 600_000 + rest)).MustBe(ErrorCode.ResourceExhausted, "disk_full");
        (await client.CallAsync("fs.write_atomic", $$"""{"path":"small/old","data":"{{new string('n', 5000)}}"}""")).MustBe(ErrorCode.ResourceExhausted, "disk_full");
        (await client.CallAsync("fs.copy", """{"from":"large","to":"small/copy"}""")).MustBe(ErrorCode.ResourceExhausted, "disk_full");
        Assert.Equal("old", File.ReadAllText(node["small/old"]));
        Assert.Equal(["file", "old"], Directory.GetFileSystemEntries(node["small"]).Select(Path.GetFileName).Order());

        var upload = await client.GetAsync("fs.upload", """{"path":"small/up","upload":"u"}""", Json.UploadResult);
        (await WriteAsync(client, upload.Handle, 0, 100_000)).MustBe(ErrorCode.ResourceExhausted, "disk_full");
        Assert.Equal("truncated", await client.StatusAsync("fs.truncate", $$"""{"handle":"{{handle}}","size":0}"""));
        Assert.Null((await WriteAsync(client, upload.Handle, 0, 100_000)).Error);
        Assert.Null((await client.SendAsync("fs.upload_commit", new UploadCommitParams(upload.Handle, 100_000), Json.UploadCommitParams)).Error);
        Assert.Equal(100_000, new FileInfo(node["small/up"]).Length);
    }

    [Fact]
    public async Task A_file_system_that_is_read_only_says_so_to_every_change()
    {
        await using var node = new FsNode(writable: true);
        using var mount = Mount.TryMake(node["fixed"], "-t", "tmpfs", "-o", "size=1M,mode=0755", "tmpfs");
        if (mount is null)
        {
            return;
        }

        node.Write("fixed/file", "x"u8);
        mount.Remount("ro");
        var client = await node.ConnectAsync();
        foreach (var (method, json) in new[]
        {
            ("fs.open", """{"path":"fixed/file","mode":"w"}"""), ("fs.open", """{"path":"fixed/new","mode":"w","create":true}"""),
            ("fs.mkdir", """{"path":"fixed/new"}"""), ("fs.rename", """{"from":"fixed/file","to":"fixed/new"}"""), ("fs.remove", """{"path":"fixed/file"}"""),
            ("fs.remove_tree", """{"path":"fixed/file"}"""), ("fs.chmod", """{"path":"fixed/file","permissions":"0777"}"""),
            ("fs.copy", """{"from":"fixed/file","to":"fixed/new"}"""), ("fs.link", """{"from":"fixed/file","to":"fixed/new"}"""),
            ("fs.write_atomic", """{"path":"fixed/file","data":"y"}"""), ("fs.upload", """{"path":"fixed/new","upload":"u"}"""),
        })
        {
            var response = await client.CallAsync(method, json);
            Assert.True(response.Error is { Code: ErrorCode.PermissionDenied, Reason: "read_only" }, $"{method} {json}: {response.Error}");
        }

        Assert.Equal("x", (await client.ReadAsync(await client.OpenAsync("fixed/file"))).Data);
    }

    [Fact]
    public async Task A_mount_within_a_tree_is_read_and_neither_searched_removed_nor_moved_across()
    {
        await using var node = new FsNode(writable: true);
        File.WriteAllText(Path.Combine(node.Outside, "kept"), "kept");
        Directory.CreateDirectory(node["tree/a"]);
        node.Write("tree/file", "x"u8);
        using var mount = Mount.TryMake(node["tree/bound"], "--bind", node.Outside);
        if (mount is null)
        {
            return;
        }

        var client = await node.ConnectAsync();
        // Whoever may mount beneath the prefix decides what lies there.
        Assert.Equal("kept", (await client.ReadAsync(await client.OpenAsync("tree/bound/kept"))).Data);
        var found = await FindTests.FindAsync(client, "{}");
        Assert.Equal(["tree", "tree/a", "tree/bound", "tree/file"], found.Found);
        Assert.Equal(1, found.Last.Skipped);
        (await client.CallAsync("fs.remove_tree", """{"path":"tree"}""")).MustBe(ErrorCode.Conflict, "busy");
        (await client.CallAsync("fs.rename", """{"from":"tree/bound","to":"moved"}""")).MustBe(ErrorCode.Conflict, "busy");
        node.Write("file", "x"u8);
        (await client.CallAsync("fs.rename", """{"from":"file","to":"tree/bound/file"}""")).MustBe(ErrorCode.Conflict, "cross_device");
        (await client.CallAsync("fs.link", """{"from":"file","to":"tree/bound/file"}""")).MustBe(ErrorCode.Conflict, "cross_device");
        Assert.Null((await client.CallAsync("fs.copy", """{"from":"file","to":"tree/bound/file"}""")).Error);
        Assert.Equal("kept", File.ReadAllText(Path.Combine(node.Outside, "kept")));
    }

    private static Task<RpcResponse> WriteAsync(FsClient client, string handle, long offset, int bytes) =>
        client.SendAsync("fs.upload_write", new UploadWriteParams(handle, offset, new byte[bytes]), Json.UploadWriteParams);
}
