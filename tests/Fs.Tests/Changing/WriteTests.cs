using Strata.Contracts;
using Strata.Ipc;

namespace Strata.Fs.Tests;

/// <summary>Files are opened to be written, written at offsets, cut and synced, within what the capability and the roots allow.</summary>
public sealed class WriteTests
{
    [Fact]
    public async Task A_file_is_made_written_at_offsets_cut_and_read_back()
    {
        await using var node = new FsNode(writable: true);
        var client = await node.ConnectAsync(node.Grant("home:"));
        var handle = await client.OpenToWriteAsync("file", ""","permissions":"0600" """);
        Assert.Equal(5, (await client.TryWriteAsync(handle, "world"u8.ToArray(), 6)).Get(ContractsJson.Default.WriteResult).BytesWritten);
        Assert.Equal(6, (await client.CallAsync("fs.write", $$"""{"handle":"{{handle}}","data":"hello "}""")).Get(ContractsJson.Default.WriteResult).BytesWritten);
        Assert.Equal("hello world", (await client.ReadAsync(handle)).Data);
        Assert.Equal("truncated", await client.StatusAsync("fs.truncate", $$"""{"handle":"{{handle}}","size":4}"""));
        Assert.Equal("synced", await client.StatusAsync("fs.sync", $$"""{"handle":"{{handle}}"}"""));
        Assert.Equal("hell", File.ReadAllText(node["file"]));
        Assert.Equal("0600", (await client.StatAsync("file")).Mode);
    }

    [Fact]
    public async Task Opening_says_what_may_be_there_and_what_becomes_of_it()
    {
        await using var node = new FsNode(writable: true);
        node.Write("old", "content"u8);
        var client = await node.ConnectAsync();
        (await client.CallAsync("fs.open", """{"path":"new","mode":"w"}""")).MustBe(ErrorCode.NotFound, "not_found");
        (await client.CallAsync("fs.open", """{"path":"old","mode":"w","exclusive":true}""")).MustBe(ErrorCode.Conflict, "exists");
        Assert.Null((await client.CallAsync("fs.open", """{"path":"new","mode":"w","exclusive":true}""")).Error);
        (await client.CallAsync("fs.open", """{"path":"none/new","mode":"w","create":true}""")).MustBe(ErrorCode.NotFound, "not_found");
        await client.OpenToWriteAsync("old");
        Assert.Equal("content", File.ReadAllText(node["old"]));
        await client.OpenToWriteAsync("old", ""","truncate":true""");
        Assert.Equal("", File.ReadAllText(node["old"]));
    }

    [Fact]
    public async Task A_handle_that_appends_writes_at_the_end_wherever_that_is()
    {
        await using var node = new FsNode(writable: true);
        node.Write("log", "one\n"u8);
        var client = await node.ConnectAsync();
        var handle = await client.OpenToWriteAsync("log", ""","append":true""");
        File.AppendAllText(node["log"], "two\n");
        Assert.Null((await client.TryWriteAsync(handle, "three\n"u8.ToArray())).Error);
        Assert.Equal("one\ntwo\nthree\n", File.ReadAllText(node["log"]));
        (await client.TryWriteAsync(handle, "x"u8.ToArray(), 1)).MustBe(ErrorCode.InvalidArgument, null);
    }

    [Fact]
    public async Task A_handle_does_what_it_was_opened_for_and_no_more()
    {
        await using var node = new FsNode(writable: true);
        node.Write("file", "x"u8);
        var client = await node.ConnectAsync();
        var reading = await client.OpenAsync("file");
        (await client.TryWriteAsync(reading, "y"u8.ToArray())).MustBe(ErrorCode.InvalidArgument, "handle_mode");
        (await client.CallAsync("fs.truncate", $$"""{"handle":"{{reading}}","size":0}""")).MustBe(ErrorCode.InvalidArgument, "handle_mode");
        var writing = (await client.CallAsync("fs.open", """{"path":"file","mode":"w"}""")).Get(ContractsJson.Default.OpenResult).Handle;
        (await client.TryReadAsync(writing)).MustBe(ErrorCode.InvalidArgument, "handle_mode");
        (await client.TryWriteAsync("none", "y"u8.ToArray())).MustBe(ErrorCode.NotFound, "no_such_handle");
        Assert.Equal("x", File.ReadAllText(node["file"]));
    }

    [Theory]
    [InlineData("""{"path":"file","create":true}""")]
    [InlineData("""{"path":"file","mode":"r","truncate":true}""")]
    [InlineData("""{"path":"file","mode":"w","permissions":"4755"}""")]
    [InlineData("""{"path":"file","mode":"w","permissions":"1777"}""")]
    [InlineData("""{"path":"file","mode":"w","permissions":"08x"}""")]
    [InlineData("""{"path":"file","mode":"x"}""")]
    public async Task What_makes_no_sense_is_refused_by_name(string json)
    {
        await using var node = new FsNode(writable: true);
        node.Write("file", "x"u8);
        var client = await node.ConnectAsync();
        (await client.CallAsync("fs.open", json)).MustBe(ErrorCode.InvalidArgument, null);
        Assert.Equal("x", File.ReadAllText(node["file"]));
    }

    [Fact]
    public async Task Bytes_are_given_once()
    {
        await using var node = new FsNode(writable: true);
        var client = await node.ConnectAsync();
        var handle = await client.OpenToWriteAsync("file");
        (await client.CallAsync("fs.write", $$"""{"handle":"{{handle}}"}""")).MustBe(ErrorCode.InvalidArgument, null);
        (await client.CallAsync("fs.write", $$"""{"handle":"{{handle}}","data":"x","data_b64":"eA=="}""")).MustBe(ErrorCode.InvalidArgument, null);
        (await client.CallAsync("fs.write", $$"""{"handle":"{{handle}}","data_b64":"!"}""")).MustBe(ErrorCode.InvalidArgument, null);
    }

    [Theory]
    [InlineData("fs.write", """{"path":"file","mode":"w"}""")]
    [InlineData("fs.truncate", """{"path":"file","mode":"w","truncate":true}""")]
    public async Task To_open_for_more_than_reading_takes_the_right_to_it(string right, string json)
    {
        await using var node = new FsNode(writable: true);
        node.Write("file", "x"u8);
        var client = await node.ConnectAsync(node.Grant(rights: [.. FsNode.AllRights.Where(r => r != right)]));
        (await client.CallAsync("fs.open", json)).MustBe(ErrorCode.PermissionDenied, "right_missing");
        Assert.Equal("x", File.ReadAllText(node["file"]));
        Assert.Contains(await node.AuditAsync(), r => r.GetProperty("event").GetString() == "auth.denied" && r.GetProperty("reason").GetString() == "right_missing");
    }

    [Fact]
    public async Task Every_method_needs_its_own_right()
    {
        await using var node = new FsNode(writable: true);
        var client = await node.ConnectAsync(node.Grant(rights: ["fs.open"]));
        foreach (var right in FsNode.AllRights.Where(r => r is not ("fs.open" or "fs.open_fd")))
        {
            (await client.CallAsync(right, "{}")).MustBe(ErrorCode.PermissionDenied, "right_missing");
        }
    }

    [Fact]
    public async Task A_revocation_closes_a_handle_that_writes_and_later_writes_change_nothing()
    {
        await using var node = new FsNode(writable: true);
        var capability = node.Grant();
        var client = await node.ConnectAsync(capability);
        var handle = await client.OpenToWriteAsync("file");
        Assert.Null((await client.TryWriteAsync(handle, "x"u8.ToArray())).Error);
        node.Revoke(capability);
        (await client.TryWriteAsync(handle, "y"u8.ToArray())).MustBe(ErrorCode.Unauthenticated, "revoked");
        Assert.Equal(0, node.Service.Handles.Count);
        Assert.Equal("x", File.ReadAllText(node["file"]));
    }

    [Fact]
    public async Task Another_capability_cannot_write_through_a_handle()
    {
        await using var node = new FsNode(writable: true);
        var handle = await (await node.ConnectAsync()).OpenToWriteAsync("file");
        var stranger = await node.ConnectAsync();
        (await stranger.TryWriteAsync(handle, "y"u8.ToArray())).MustBe(ErrorCode.NotFound, "no_such_handle");
        Assert.Equal("", File.ReadAllText(node["file"]));
    }

    [Fact]
    public async Task Writes_are_recorded_at_the_first_of_a_handle_and_with_totals_at_its_end()
    {
        await using var node = new FsNode(writable: true);
        var client = await node.ConnectAsync();
        var handle = await client.OpenToWriteAsync("file");
        await client.TryWriteAsync(handle, new byte[10]);
        await client.TryWriteAsync(handle, new byte[20], 10);
        await client.TryCloseAsync(handle);
        var records = await node.AuditAsync();
        Assert.Equal(["fs.open", "fs.write", "fs.close"], records.Select(r => r.GetProperty("event").GetString()));
        Assert.Equal((10, 30), (records[1].GetProperty("bytes").GetInt32(), records[2].GetProperty("written").GetInt32()));
    }

    [Fact]
    public async Task An_offset_beyond_what_a_file_system_counts_is_a_limit_and_no_fault()
    {
        await using var node = new FsNode(writable: true);
        var client = await node.ConnectAsync();
        var handle = await client.OpenToWriteAsync("file");
        (await client.TryWriteAsync(handle, "x"u8.ToArray(), 9_100_000_000_000_000_000)).MustBe(ErrorCode.ResourceExhausted, "file_too_large");
        (await client.CallAsync("fs.truncate", $$"""{"handle":"{{handle}}","size":9100000000000000000}""")).MustBe(ErrorCode.ResourceExhausted, "file_too_large");
        Assert.Null((await client.CallAsync("fs.truncate", $$"""{"handle":"{{handle}}","size":1000000000000}""")).Error);
        Assert.Equal(1_000_000_000_000, (await client.StatAsync("file")).Size);
    }
}
