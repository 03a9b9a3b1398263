using System.Security.Cryptography;
using System.Text;
using Strata.Ipc;

namespace Strata.Fs.Tests;

/// <summary>Reads are byte-exact, never exceed a frame, and tell the end of the file truly.</summary>
public sealed class ReadTests
{
    [Theory]
    [InlineData(4096)]
    [InlineData(65_537)]
    [InlineData(1024 * 1024)]
    public async Task Binary_content_is_exact_by_chunks_of_any_size(int size)
    {
        await using var node = new FsNode();
        var content = new byte[1024 * 1024];
        new Random(7).NextBytes(content);
        var client = await node.ConnectAsync();
        var handle = await client.OpenAsync(node.Write("file", content));
        Assert.Equal(SHA256.HashData(content), SHA256.HashData(await client.ReadAllAsync(handle, size)));
    }

    [Fact]
    public async Task A_wish_for_1_MiB_gets_a_short_answer_in_a_valid_frame()
    {
        await using var node = new FsNode();
        var client = await node.ConnectAsync();
        var handle = await client.OpenAsync(node.Write("file", new byte[2 * 1024 * 1024]));
        var response = await client.TryReadAsync(handle, size: 1024 * 1024, reqId: new string('r', 256));
        var read = response.Get(Contracts.ContractsJson.Default.ReadResult);
        Assert.Equal((ReadLimits.MaxBytes, false), (read.BytesRead, read.Eof));
        Assert.InRange(response.Payload.Length, 1, IpcLimits.Default.MaxFrameBytes);
        (await client.TryReadAsync(handle, size: (1024 * 1024) + 1)).MustBe(ErrorCode.InvalidArgument, null);
    }

    [Fact]
    public async Task A_file_of_exactly_one_answer_ends_with_it()
    {
        await using var node = new FsNode();
        var client = await node.ConnectAsync();
        var handle = await client.OpenAsync(node.Write("file", new byte[ReadLimits.MaxBytes]));
        var read = await client.ReadAsync(handle, 0, ReadLimits.MaxBytes);
        Assert.Equal((ReadLimits.MaxBytes, true), (read.BytesRead, read.Eof));
        read = await client.ReadAsync(handle, 0, ReadLimits.MaxBytes - 1);
        Assert.Equal((ReadLimits.MaxBytes - 1, false), (read.BytesRead, read.Eof));
    }

    [Theory]
    [InlineData(0, 10, 10, true)]
    [InlineData(0, 9, 9, false)]
    [InlineData(0, 11, 10, true)]
    [InlineData(9, 1, 1, true)]
    [InlineData(9, 0, 0, false)]
    [InlineData(10, 0, 0, true)]
    [InlineData(10, 5, 0, true)]
    [InlineData(11, 5, 0, true)]
    [InlineData(9_000_000_000_000_000_000, 1048576, 0, true)]
    public async Task The_end_is_told_when_the_read_reached_it(long offset, int size, int expected, bool eof)
    {
        await using var node = new FsNode();
        var client = await node.ConnectAsync();
        var handle = await client.OpenAsync(node.Write("file", "0123456789"u8));
        var read = await client.ReadAsync(handle, offset, size);
        Assert.Equal((expected, eof), (read.BytesRead, read.Eof));
        Assert.Equal("0123456789"[(int)Math.Min(offset, 10)..][..expected], read.Data);
    }

    [Fact]
    public async Task Negative_offsets_and_sizes_are_refused_by_name()
    {
        await using var node = new FsNode();
        var client = await node.ConnectAsync();
        var handle = await client.OpenAsync(node.Write("file", "x"u8));
        (await client.TryReadAsync(handle, offset: -1)).MustBe(ErrorCode.InvalidArgument, null);
        (await client.TryReadAsync(handle, size: -1)).MustBe(ErrorCode.InvalidArgument, null);
        (await client.TryReadAsync(handle, offset: long.MaxValue)).MustBe(ErrorCode.InvalidArgument, null);
    }

    [Fact]
    public async Task A_sparse_terabyte_is_read_at_its_far_end()
    {
        await using var node = new FsNode();
        const long Length = 1L << 40;
        await using (var file = File.Create(node["sparse"]))
        {
            file.Position = Length - 4;
            file.Write("tail"u8);
        }

        var client = await node.ConnectAsync();
        var handle = await client.OpenAsync("sparse");
        Assert.Equal(Length, (await client.StatAsync("sparse")).Size);
        var tail = await client.ReadAsync(handle, Length - 4);
        Assert.Equal(("tail", true), (tail.Data, tail.Eof));
        var hole = await client.ReadAsync(handle, Length / 2, 1024 * 1024);
        Assert.Equal((ReadLimits.MaxBytes, false), (hole.BytesRead, hole.Eof));
        Assert.False(hole.DataB64.Span.ContainsAnyExcept((byte)0));
    }

    [Fact]
    public async Task A_file_cut_or_grown_between_reads_is_read_as_it_is()
    {
        await using var node = new FsNode();
        var client = await node.ConnectAsync();
        var handle = await client.OpenAsync(node.Write("file", new byte[100_000]));
        Assert.Equal(4096, (await client.ReadAsync(handle, 90_000)).BytesRead);
        await using (var file = File.OpenWrite(node["file"]))
        {
            file.SetLength(90_001);
            Assert.Equal((1, true), await Counted(client, handle, 90_000));
            file.SetLength(10);
            Assert.Equal((0, true), await Counted(client, handle, 90_000));
            file.SetLength(200_000);
            Assert.Equal((4096, false), await Counted(client, handle, 90_000));
        }

        File.Delete(node["file"]);
        Assert.Equal((4096, false), await Counted(client, handle, 90_000));
    }

    [Fact]
    public async Task Files_that_cannot_be_read_without_waiting_are_read_all_the_same()
    {
        await using var node = new FsNode();
        var client = await node.ConnectAsync(node.Grant("/proc"));
        var handle = await client.OpenAsync("sys/kernel/ostype");
        var read = await client.ReadAsync(handle);
        Assert.Equal(("Linux\n", true), (read.Data, read.Eof));
        Assert.Equal(("nux", false), ((await client.ReadAsync(handle, 2, 3)).Data, false));
    }

    [Fact]
    public async Task Content_that_is_not_in_memory_is_read_from_the_disk()
    {
        await using var node = new FsNode();
        var content = new byte[3 * 1024 * 1024];
        new Random(11).NextBytes(content);
        node.Write("file", content);
        Native.Forget(node["file"]);
        var client = await node.ConnectAsync();
        var handle = await client.OpenAsync("file");
        var parts = await Task.WhenAll(Enumerable.Range(0, 24).Select(i => client.ReadAsync(handle, i * 131_072, 131_072)));
        Assert.Equal(content, parts.SelectMany(p => p.DataB64.ToArray()));
    }

    [Fact]
    public async Task Reads_in_flight_together_never_see_each_others_bytes()
    {
        await using var node = new FsNode();
        var clients = new List<(FsClient Client, string Handle, byte Fill)>();
        for (byte i = 1; i <= 4; i++)
        {
            var content = new byte[100_000];
            content.AsSpan().Fill(i);
            node.Write($"file{i}", content);
            var client = await node.ConnectAsync();
            clients.Add((client, await client.OpenAsync($"file{i}"), i));
        }

        var random = new Random(3);
        var reads = Enumerable.Range(0, 800).Select(i => (Of: clients[i % 4], Size: random.Next(1, 60_000))).ToArray();
        await Task.WhenAll(reads.Select(async r =>
        {
            var read = await r.Of.Client.ReadAsync(r.Of.Handle, 0, r.Size);
            Assert.Equal(r.Size, read.BytesRead);
            Assert.False(read.DataB64.Span.ContainsAnyExcept(r.Of.Fill));
        }));
    }

    private static async Task<(int, bool)> Counted(FsClient client, string handle, long offset)
    {
        var read = await client.ReadAsync(handle, offset);
        return (read.BytesRead, read.Eof);
    }
}
