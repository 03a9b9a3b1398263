using System.Text;
using Strata.Ipc;

namespace Strata.Fs.Tests;

/// <summary><c>data</c> stands beside <c>data_b64</c> for small UTF-8 text and for nothing else.</summary>
public sealed class ReadTextTests
{
    [Fact]
    public async Task Text_is_given_up_to_16_KiB_and_not_beyond()
    {
        await using var node = new FsNode();
        var client = await node.ConnectAsync();
        var handle = await client.OpenAsync(node.Write("file", Encoding.ASCII.GetBytes(new string('a', 20_000))));
        Assert.Equal(new string('a', 16_384), (await client.ReadAsync(handle, 0, 16_384)).Data);
        Assert.Null((await client.ReadAsync(handle, 0, 16_385)).Data);
    }

    [Fact]
    public async Task A_character_cut_in_two_makes_bytes_of_the_text()
    {
        await using var node = new FsNode();
        var client = await node.ConnectAsync();
        var handle = await client.OpenAsync(node.Write("file", "aé€😀z"u8));
        for (var size = 0; size <= 11; size++)
        {
            var read = await client.ReadAsync(handle, 0, size);
            Assert.Equal(size is 0 or 1 or 3 or 6 or 10 or 11, read.Data is not null);
            Assert.Equal("aé€😀z"u8[..size], read.DataB64.Span);
        }

        Assert.Equal("aé€😀z", (await client.ReadAsync(handle)).Data);
        Assert.Null((await client.ReadAsync(handle, 2)).Data);
    }

    [Theory]
    [InlineData(new byte[] { 0xff })]
    [InlineData(new byte[] { 0xc0, 0x80 })]
    [InlineData(new byte[] { 0xed, 0xa0, 0x80 })]
    [InlineData(new byte[] { 0x61, 0x80 })]
    public async Task What_is_not_UTF_8_is_given_as_bytes_alone(byte[] content)
    {
        await using var node = new FsNode();
        var client = await node.ConnectAsync();
        var read = await client.ReadAsync(await client.OpenAsync(node.Write("file", content)));
        Assert.Null(read.Data);
        Assert.Equal(content, read.DataB64.ToArray());
    }

    [Fact]
    public async Task Text_of_control_characters_alone_fits_its_frame()
    {
        await using var node = new FsNode();
        var content = new byte[16 * 1024];
        content.AsSpan().Fill(1);
        var client = await node.ConnectAsync();
        var handle = await client.OpenAsync(node.Write("file", content));
        var response = await client.TryReadAsync(handle, 0, content.Length);
        Assert.Equal(Encoding.ASCII.GetString(content), response.Get(Contracts.ContractsJson.Default.ReadResult).Data);
        Assert.InRange(response.Payload.Length, 6 * content.Length, 120 * 1024);
    }
}
