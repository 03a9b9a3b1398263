using System.Security.Cryptography;
using Strata.Contracts;
using Strata.Ipc;

namespace Strata.Fs.Tests;

/// <summary>Whole files come and go: at once, as streams, with resume, and checked.</summary>
public sealed class TransferTests
{
    private static readonly ContractsJson Json = ContractsJson.Default;

    [Fact]
    public async Task A_file_is_replaced_whole_and_keeps_its_bits()
    {
        await using var node = new FsNode(writable: true);
        node.Write("old", "old"u8);
        File.SetUnixFileMode(node["old"], (UnixFileMode)0x180);
        File.CreateSymbolicLink(node["link"], "old");
        var client = await node.ConnectAsync();
        Assert.Equal("written", await client.StatusAsync("fs.write_atomic", """{"path":"old","data":"new"}"""));
        Assert.Equal("written", await client.StatusAsync("fs.write_atomic", """{"path":"made","data_b64":"eA==","permissions":"0604"}"""));
        Assert.Equal("written", await client.StatusAsync("fs.write_atomic", """{"path":"link","data":"own"}"""));
        (await client.CallAsync("fs.write_atomic", """{"path":"old","data":"x","replace":false}""")).MustBe(ErrorCode.Conflict, "exists");
        (await client.CallAsync("fs.write_atomic", """{"path":"none/x","data":"x"}""")).MustBe(ErrorCode.NotFound, "not_found");
        Assert.Equal(("new", "x", "own"), (File.ReadAllText(node["old"]), File.ReadAllText(node["made"]), File.ReadAllText(node["link"])));
        Assert.Equal(("0600", "0604"), ((await client.StatAsync("old")).Mode, (await client.StatAsync("made")).Mode));
        Assert.Equal(["link", "made", "old"], Directory.GetFileSystemEntries(node.Root).Select(Path.GetFileName).Order());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(512 * 1024)]
    [InlineData((512 * 1024) + 1)]
    [InlineData((3 * 1024 * 1024) + 17)]
    public async Task A_download_is_the_file_byte_for_byte_and_says_when_it_ends(int size)
    {
        await using var node = new FsNode();
        var content = new byte[size];
        new Random(size).NextBytes(content);
        node.Write("file", content);
        var client = await node.ConnectAsync();
        var (bytes, last) = await DownloadAsync(client, """{"path":"file"}""");
        Assert.Equal(content, bytes);
        Assert.True(last.Eof);
        Assert.Equal(size, last.Size);
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(content)), (await client.GetAsync("fs.hash", """{"path":"file"}""", Json.HashResult)).Sha256);
        Assert.Equal(0, node.Service.Handles.Count);
    }

    [Fact]
    public async Task A_download_goes_on_where_another_ended_unless_the_file_is_another()
    {
        await using var node = new FsNode();
        node.Write("file", "0123456789"u8);
        var client = await node.ConnectAsync();
        var (first, piece) = await DownloadAsync(client, """{"path":"file","length":4}""");
        Assert.Equal("0123"u8.ToArray(), first);
        Assert.False(piece.Eof);
        var (rest, end) = await DownloadAsync(client, $$"""{"path":"file","offset":4,"modified":"{{piece.Modified}}"}""");
        Assert.Equal("456789"u8.ToArray(), rest);
        Assert.True(end.Eof);
        Assert.Empty((await DownloadAsync(client, """{"path":"file","offset":99}""")).Bytes);
        File.SetLastWriteTimeUtc(node["file"], new DateTime(2001, 1, 1, 0, 0, 0, DateTimeKind.Utc));
        (await client.CallAsync("fs.download", $$"""{"path":"file","offset":4,"modified":"{{piece.Modified}}"}""")).MustBe(ErrorCode.Conflict, "changed");
        Assert.Equal("0123456789"u8.ToArray(), (await client.GetAsync("fs.download", """{"path":"file"}""", Json.DownloadPiece)).DataB64.ToArray());
        Assert.Equal(0, node.Service.Handles.Count);
    }

    [Fact]
    public async Task A_revocation_ends_a_download_and_its_handle()
    {
        await using var node = new FsNode();
        using (var file = File.Create(node["file"]))
        {
            file.SetLength(1L << 30);
        }

        var capability = node.Grant();
        var client = await node.ConnectAsync(capability);
        RpcError? end = null;
        var pieces = 0;
        await foreach (var item in client.StreamAsync("fs.download", """{"path":"file"}"""))
        {
            end = item.Error;
            if (pieces++ == 0)
            {
                node.Revoke(capability);
                Assert.Equal(0, node.Service.Handles.Count);
            }
        }

        Assert.Equal((ErrorCode.Unauthenticated, "revoked"), (end!.Code, end.Reason));
        Assert.True(pieces < 64, $"{pieces} pieces came");
    }

    [Fact]
    public async Task An_upload_arrives_whole_or_not_at_all_and_goes_on_after_a_break()
    {
        await using var node = new FsNode(writable: true);
        var content = new byte[1_000_000];
        new Random(1).NextBytes(content);
        var client = await node.ConnectAsync();
        var begun = await client.GetAsync("fs.upload", """{"path":"file","upload":"u-1","permissions":"0640"}""", Json.UploadResult);
        Assert.Equal(0, begun.Offset);
        Assert.Equal(500_000, (await WriteAsync(client, begun.Handle, 0, content.AsMemory(0, 500_000))).Get(Json.UploadWriteResult).Offset);
        Assert.False(File.Exists(node["file"]));
        (await client.CallAsync("fs.upload", """{"path":"file","upload":"u-1"}""")).MustBe(ErrorCode.Conflict, "busy");
        (await client.TryReadAsync(begun.Handle)).MustBe(ErrorCode.InvalidArgument, "handle_mode");
        await client.TryCloseAsync(begun.Handle);

        var again = await client.GetAsync("fs.upload", """{"path":"file","upload":"u-1","permissions":"0640"}""", Json.UploadResult);
        Assert.Equal(500_000, again.Offset);
        (await WriteAsync(client, again.Handle, 400_000, new byte[1])).MustBe(ErrorCode.Conflict, "offset_mismatch");
        (await WriteAsync(client, again.Handle, 600_000, new byte[1])).MustBe(ErrorCode.Conflict, "offset_mismatch");
        // Several on their way at once arrive in their order.
        var pieces = Enumerable.Range(0, 5).Select(i => WriteAsync(client, again.Handle, 500_000 + (i * 100_000), content.AsMemory(500_000 + (i * 100_000), 100_000))).ToArray();
        Assert.All(await Task.WhenAll(pieces), answer => Assert.Null(answer.Error));

        var hash = Convert.ToHexStringLower(SHA256.HashData(content));
        (await CommitAsync(client, again.Handle, 999_999, hash)).MustBe(ErrorCode.Conflict, "size_mismatch");
        (await CommitAsync(client, again.Handle, 1_000_000, new string('0', 64))).MustBe(ErrorCode.Conflict, "hash_mismatch");
        Assert.Equal(new HashResult(hash, 1_000_000), (await CommitAsync(client, again.Handle, 1_000_000, hash)).Get(Json.HashResult));
        Assert.Equal(content, File.ReadAllBytes(node["file"]));
        Assert.Equal("0640", (await client.StatAsync("file")).Mode);
        Assert.Equal(["file"], Directory.GetFileSystemEntries(node.Root).Select(Path.GetFileName));
        (await WriteAsync(client, again.Handle, 0, new byte[1])).MustBe(ErrorCode.NotFound, "no_such_handle");
    }

    [Fact]
    public async Task An_upload_takes_no_path_that_is_taken_and_a_discarded_one_leaves_nothing()
    {
        await using var node = new FsNode(writable: true);
        node.Write("taken", "x"u8);
        var client = await node.ConnectAsync();
        (await client.CallAsync("fs.upload", """{"path":"taken","upload":"u"}""")).MustBe(ErrorCode.Conflict, "exists");
        (await client.CallAsync("fs.upload", """{"path":"new","upload":"../u"}""")).MustBe(ErrorCode.InvalidArgument, null);
        var late = await client.GetAsync("fs.upload", """{"path":"new","upload":"u"}""", Json.UploadResult);
        node.Write("new", "y"u8);
        (await CommitAsync(client, late.Handle, 0, null)).MustBe(ErrorCode.Conflict, "exists");
        Assert.Equal("discarded", await client.StatusAsync("fs.upload_discard", $$"""{"handle":"{{late.Handle}}"}"""));
        var over = await client.GetAsync("fs.upload", """{"path":"taken","upload":"u","replace":true}""", Json.UploadResult);
        Assert.Null((await CommitAsync(client, over.Handle, 0, null)).Error);
        Assert.Equal(("", "y"), (File.ReadAllText(node["taken"]), File.ReadAllText(node["new"])));
        Assert.Equal(["new", "taken"], Directory.GetFileSystemEntries(node.Root).Select(Path.GetFileName).Order());
    }

    [Fact]
    public async Task What_somebody_planted_in_an_uploads_place_is_not_written()
    {
        await using var node = new FsNode(writable: true);
        var secret = Path.Combine(node.Outside, "secret");
        File.WriteAllText(secret, "secret");
        node.Write("inside", "inside"u8);
        Native.Link(secret, node[".strata-upload-a"]);
        File.CreateSymbolicLink(node[".strata-upload-b"], "inside");
        File.CreateSymbolicLink(node[".strata-upload-c"], secret);
        Native.MakeFifo(node[".strata-upload-d"]);
        var client = await node.ConnectAsync();
        foreach (var name in new[] { "a", "b", "c", "d" })
        {
            Assert.NotNull((await client.CallAsync("fs.upload", $$"""{"path":"file","upload":"{{name}}"}""")).Error);
        }

        Assert.Equal(("secret", "inside"), (File.ReadAllText(secret), File.ReadAllText(node["inside"])));
    }

    [Fact]
    public async Task A_handle_of_an_upload_is_its_holders_alone_and_ends_with_the_capability()
    {
        await using var node = new FsNode(writable: true);
        var capability = node.Grant();
        var client = await node.ConnectAsync(capability);
        var begun = await client.GetAsync("fs.upload", """{"path":"file","upload":"u"}""", Json.UploadResult);
        var stranger = await node.ConnectAsync();
        (await WriteAsync(stranger, begun.Handle, 0, new byte[1])).MustBe(ErrorCode.NotFound, "no_such_handle");
        var reading = await client.OpenToWriteAsync("other");
        (await WriteAsync(client, reading, 0, new byte[1])).MustBe(ErrorCode.NotFound, "no_such_handle");
        node.Revoke(capability);
        Assert.Equal(0, node.Service.Handles.Count);
        // The lock went with it: whoever holds another capability may go on.
        Assert.Null((await stranger.CallAsync("fs.upload", """{"path":"file","upload":"u"}""")).Error);
    }

    private static Task<RpcResponse> WriteAsync(FsClient client, string handle, long offset, ReadOnlyMemory<byte> bytes) =>
        client.SendAsync("fs.upload_write", new UploadWriteParams(handle, offset, bytes), Json.UploadWriteParams);

    private static Task<RpcResponse> CommitAsync(FsClient client, string handle, long size, string? hash) =>
        client.SendAsync("fs.upload_commit", new UploadCommitParams(handle, size, hash), Json.UploadCommitParams);

    private static async Task<(byte[] Bytes, DownloadPiece Last)> DownloadAsync(FsClient client, string json)
    {
        var bytes = new MemoryStream();
        DownloadPiece? last = null;
        await foreach (var item in client.StreamAsync("fs.download", json))
        {
            Assert.Null(item.Error);
            last = item.Get(Json.DownloadPiece);
            bytes.Write(last.DataB64.Span);
        }

        return (bytes.ToArray(), last!);
    }
}
