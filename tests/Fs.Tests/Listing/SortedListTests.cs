using System.Text;
using Strata.Contracts;
using Strata.Ipc;

namespace Strata.Fs.Tests;

/// <summary>Sorted pages are those of the whole directory in the order of names' bytes.</summary>
public sealed class SortedListTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(100)]
    [InlineData(4096)]
    public async Task Pages_follow_each_other_without_holes_or_duplicates(int limit)
    {
        await using var node = new FsNode();
        var names = Enumerable.Range(0, 100).Select(i => $"{(i * 37) % 100:d3}-{new string('x', i % 7)}").ToArray();
        foreach (var name in names)
        {
            node.Write(name, "x"u8);
        }

        var found = await ListAsync(await node.ConnectAsync(), limit);
        Assert.Equal(names.Order(StringComparer.Ordinal), found.Select(e => e.Name));
    }

    [Fact]
    public async Task Names_of_any_bytes_and_pages_that_fill_a_frame_are_sorted_as_well()
    {
        await using var node = new FsNode();
        for (var i = 0; i < 900; i++)
        {
            Native.MakeFile(node.Root, [.. Encoding.ASCII.GetBytes($"{i:d4}"), .. Enumerable.Repeat((byte)0xFF, 251)]);
        }

        var found = await ListAsync(await node.ConnectAsync(), 4096);
        Assert.Equal(900, found.Count);
        Assert.Equal(Enumerable.Range(0, 900).Select(i => $"{i:d4}"), found.Select(e => Encoding.ASCII.GetString(e.NameB64!.Value.Span[..4])));
    }

    [Fact]
    public async Task Mode_and_time_are_told_when_asked_for()
    {
        await using var node = new FsNode();
        node.Write("file", "x"u8);
        File.SetUnixFileMode(node["file"], (UnixFileMode)0x1A0);
        var client = await node.ConnectAsync();
        foreach (var sort in new[] { "none", "name" })
        {
            var entry = Assert.Single((await client.GetAsync("fs.list", $$"""{"sort":"{{sort}}","stat":true}""", ContractsJson.Default.ListResult)).Entries);
            Assert.Equal(("0640", (await client.StatAsync("file")).Modified), (entry.Mode, entry.Modified));
        }

        Assert.Null(Assert.Single((await client.ListAsync()).Entries).Mode);
    }

    [Theory]
    [InlineData("n")]
    [InlineData("n!")]
    [InlineData("5")]
    [InlineData("bmFtZQ")]
    public async Task Another_cursor_is_refused(string cursor)
    {
        await using var node = new FsNode();
        var client = await node.ConnectAsync();
        (await client.CallAsync("fs.list", $$"""{"sort":"name","cursor":"{{cursor}}"}""")).MustBe(ErrorCode.InvalidArgument, "invalid_cursor");
        (await client.CallAsync("fs.list", """{"cursor":"nbmFtZQ"}""")).MustBe(ErrorCode.InvalidArgument, "invalid_cursor");
    }

    private static async Task<List<DirectoryEntry>> ListAsync(FsClient client, int limit)
    {
        var found = new List<DirectoryEntry>();
        string? cursor = null;
        do
        {
            var page = await client.GetAsync(
                "fs.list", $$"""{"sort":"name","limit":{{limit}}{{(cursor is null ? "" : $",\"cursor\":\"{cursor}\"")}}}""", ContractsJson.Default.ListResult);
            Assert.InRange(page.Entries.Count, 1, limit);
            found.AddRange(page.Entries);
            cursor = page.Next;
        }
        while (cursor is not null);
        return found;
    }
}
