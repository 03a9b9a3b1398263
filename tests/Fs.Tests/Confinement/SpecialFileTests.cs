using System.Net.Sockets;
using Strata.Ipc;

namespace Strata.Fs.Tests;

/// <summary>What is no regular file is refused at once, and no path makes a call wait.</summary>
public sealed class SpecialFileTests
{
    [Fact]
    public async Task Fifos_and_sockets_are_refused_at_once()
    {
        await using var node = new FsNode();
        Native.MakeFifo(node["fifo"]);
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint(node["socket"]));
        File.CreateSymbolicLink(node["link"], "fifo");
        var client = await node.ConnectAsync();
        foreach (var name in new[] { "fifo", "socket", "link" })
        {
            (await client.TryOpenAsync(name)).MustBe(ErrorCode.InvalidArgument, "not_regular_file");
        }

        Assert.Equal("fifo", (await client.StatAsync("fifo")).Kind);
        Assert.Equal("socket", (await client.StatAsync("socket")).Kind);
    }

    [Fact]
    public async Task Devices_are_refused_at_once()
    {
        await using var node = new FsNode();
        var client = await node.ConnectAsync(node.Grant("/dev"));
        (await client.TryOpenAsync("null")).MustBe(ErrorCode.InvalidArgument, "not_regular_file");
        (await client.TryOpenAsync("tty")).MustBe(ErrorCode.InvalidArgument, "not_regular_file");
        Assert.Equal("device", (await client.StatAsync("null")).Kind);
    }

    [Fact]
    public async Task A_directory_is_listed_and_not_opened_and_a_file_the_other_way_round()
    {
        await using var node = new FsNode();
        Directory.CreateDirectory(node["dir"]);
        node.Write("file", "x"u8);
        var client = await node.ConnectAsync();
        (await client.TryOpenAsync("dir")).MustBe(ErrorCode.InvalidArgument, "is_directory");
        (await client.TryOpenAsync(".")).MustBe(ErrorCode.InvalidArgument, "is_directory");
        (await client.TryListAsync("file")).MustBe(ErrorCode.InvalidArgument, "not_directory");
        (await client.TryOpenAsync("file/x")).MustBe(ErrorCode.InvalidArgument, "not_directory");
        (await client.TryOpenAsync("missing")).MustBe(ErrorCode.NotFound, "not_found");
    }

    [Fact]
    public async Task Names_at_the_limit_are_looked_up_and_longer_ones_refused()
    {
        await using var node = new FsNode();
        var client = await node.ConnectAsync();
        (await client.TryOpenAsync(new string('n', 255))).MustBe(ErrorCode.NotFound, "not_found");
        (await client.TryOpenAsync(new string('n', 256))).MustBe(ErrorCode.InvalidArgument, "invalid_path");
        (await client.TryOpenAsync("a\0b")).MustBe(ErrorCode.InvalidArgument, "invalid_path");
    }

    [Fact]
    public async Task Stat_tells_kind_size_mode_and_time()
    {
        await using var node = new FsNode();
        node.Write("file", new byte[1234]);
        File.SetUnixFileMode(node["file"], (UnixFileMode)0x1A0);
        File.SetLastWriteTimeUtc(node["file"], new DateTime(2001, 2, 3, 4, 5, 6, DateTimeKind.Utc).AddTicks(70));
        File.CreateSymbolicLink(node["link"], "file");
        var client = await node.ConnectAsync();
        var expected = new Contracts.StatResult("file", false, 1234, "0640", "2001-02-03T04:05:06.000007Z");
        Assert.Equal(expected, await client.StatAsync("file"));
        Assert.Equal(expected, await client.StatAsync("link"));
        Assert.True((await client.StatAsync(".")).IsDir);
    }
}
