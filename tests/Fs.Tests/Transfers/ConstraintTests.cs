using Strata.Contracts;
using Strata.Ipc;
using Strata.Policy;

namespace Strata.Fs.Tests;

/// <summary>max_bytes, quota_bytes and read_only hold in every method that carries bytes or changes anything.</summary>
public sealed class ConstraintTests
{
    private static readonly ContractsJson Json = ContractsJson.Default;

    [Fact]
    public async Task A_read_only_capability_changes_nothing_where_others_may()
    {
        await using var node = new FsNode(writable: true);
        node.Write("file", "x"u8);
        var client = await node.ConnectAsync(node.Grant(constraints: new CapabilityConstraints { ReadOnly = true }));
        foreach (var (method, json) in new[]
        {
            ("fs.open", """{"path":"file","mode":"w"}"""), ("fs.mkdir", """{"path":"new"}"""), ("fs.rename", """{"from":"file","to":"new"}"""),
            ("fs.remove", """{"path":"file"}"""), ("fs.remove_tree", """{"path":"file"}"""), ("fs.chmod", """{"path":"file","permissions":"0777"}"""),
            ("fs.copy", """{"from":"file","to":"new"}"""), ("fs.link", """{"from":"file","to":"new"}"""), ("fs.write_atomic", """{"path":"file","data":"y"}"""),
            ("fs.upload", """{"path":"new","upload":"u"}"""),
        })
        {
            (await client.CallAsync(method, json)).MustBe(ErrorCode.PermissionDenied, "read_only");
        }

        Assert.Equal("x", (await client.ReadAsync(await client.OpenAsync("file"))).Data);
        Assert.Equal(["file"], Directory.GetFileSystemEntries(node.Root).Select(Path.GetFileName));
    }

    [Fact]
    public async Task No_more_than_max_bytes_is_carried_at_a_time()
    {
        await using var node = new FsNode(writable: true);
        node.Write("small", new byte[100]);
        node.Write("large", new byte[101]);
        var client = await node.ConnectAsync(node.Grant(constraints: new CapabilityConstraints { MaxBytes = 100 }));
        var handle = await client.OpenToWriteAsync("large");
        var read = await client.ReadAsync(handle, 0, 4096);
        Assert.Equal((100, false), (read.BytesRead, read.Eof));
        Assert.Null((await client.TryWriteAsync(handle, new byte[100])).Error);
        (await client.TryWriteAsync(handle, new byte[101])).MustBe(ErrorCode.ResourceExhausted, "max_bytes");
        Assert.Null((await client.CallAsync("fs.download", """{"path":"small"}""")).Error);
        (await client.CallAsync("fs.download", """{"path":"large"}""")).MustBe(ErrorCode.ResourceExhausted, "max_bytes");
        Assert.Null((await client.CallAsync("fs.download", """{"path":"large","length":100}""")).Error);
        Assert.Null((await client.CallAsync("fs.copy", """{"from":"small","to":"a"}""")).Error);
        (await client.CallAsync("fs.copy", """{"from":"large","to":"b"}""")).MustBe(ErrorCode.ResourceExhausted, "max_bytes");
        (await client.CallAsync("fs.write_atomic", $$"""{"path":"c","data":"{{new string('x', 101)}}"}""")).MustBe(ErrorCode.ResourceExhausted, "max_bytes");
        var upload = await client.GetAsync("fs.upload", """{"path":"d","upload":"u"}""", Json.UploadResult);
        Assert.Null((await UploadAsync(client, upload.Handle, 0, 100)).Error);
        (await UploadAsync(client, upload.Handle, 100, 1)).MustBe(ErrorCode.ResourceExhausted, "max_bytes");
        Assert.Equal(["a", "large", "small"], Directory.GetFiles(node.Root).Select(Path.GetFileName).Where(n => !n!.StartsWith('.')).Order());
    }

    [Fact]
    public async Task What_a_capability_writes_in_all_stays_within_its_quota_by_whatever_method()
    {
        await using var node = new FsNode(writable: true);
        node.Write("source", new byte[20]);
        var capability = node.Grant(constraints: new CapabilityConstraints { QuotaBytes = 100 });
        var client = await node.ConnectAsync(capability);
        var handle = await client.OpenToWriteAsync("a");
        Assert.Null((await client.TryWriteAsync(handle, new byte[30])).Error);
        Assert.Null((await client.CallAsync("fs.copy", """{"from":"source","to":"b"}""")).Error);
        Assert.Null((await client.CallAsync("fs.write_atomic", """{"path":"c","data":"0123456789"}""")).Error);
        // What came to nothing does not count.
        (await client.CallAsync("fs.copy", """{"from":"source","to":"b"}""")).MustBe(ErrorCode.Conflict, "exists");
        (await client.CallAsync("fs.write_atomic", """{"path":"none/c","data":"0123456789"}""")).MustBe(ErrorCode.NotFound, "not_found");
        var upload = await client.GetAsync("fs.upload", """{"path":"d","upload":"u"}""", Json.UploadResult);
        (await UploadAsync(client, upload.Handle, 7, 10)).MustBe(ErrorCode.Conflict, "offset_mismatch");
        Assert.Null((await UploadAsync(client, upload.Handle, 0, 39)).Error);
        (await client.TryWriteAsync(handle, new byte[2])).MustBe(ErrorCode.ResourceExhausted, "quota_bytes");
        var other = await node.ConnectAsync(capability);
        (await other.CallAsync("fs.write_atomic", """{"path":"e","data":"01"}""")).MustBe(ErrorCode.ResourceExhausted, "quota_bytes");
        Assert.Null((await client.TryWriteAsync(handle, new byte[1])).Error);
        (await client.TryWriteAsync(handle, new byte[1])).MustBe(ErrorCode.ResourceExhausted, "quota_bytes");
        Assert.Null((await (await node.ConnectAsync()).CallAsync("fs.write_atomic", """{"path":"e","data":"01"}""")).Error);
    }

    [Fact]
    public async Task A_method_denied_by_name_is_not_reached_through_open()
    {
        await using var node = new FsNode(writable: true);
        node.Write("file", "x"u8);
        var client = await node.ConnectAsync(node.Grant(constraints: new CapabilityConstraints { MethodsDenied = NameList.Of(["fs.truncate"]) }));
        (await client.CallAsync("fs.open", """{"path":"file","mode":"w","truncate":true}""")).MustBe(ErrorCode.PermissionDenied, "method_denied");
        Assert.Equal("x", File.ReadAllText(node["file"]));
    }

    private static Task<RpcResponse> UploadAsync(FsClient client, string handle, long offset, int bytes) =>
        client.SendAsync("fs.upload_write", new UploadWriteParams(handle, offset, new byte[bytes]), Json.UploadWriteParams);
}
