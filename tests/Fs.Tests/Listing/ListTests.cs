using System.Text;
using Strata.Ipc;

namespace Strata.Fs.Tests;

/// <summary>Directories of any size and with any names are listed a page at a time.</summary>
public sealed class ListTests
{
    [Fact]
    public async Task An_empty_directory_has_an_empty_list_of_entries()
    {
        await using var node = new FsNode();
        var client = await node.ConnectAsync();
        var response = await client.TryListAsync();
        Assert.Equal("{\"entries\":[]}", Encoding.UTF8.GetString(response.Result.Span));
    }

    [Theory]
    [InlineData(1000)]
    [InlineData(333)]
    [InlineData(4096)]
    public async Task Ten_thousand_entries_are_paged_without_holes_or_duplicates(int limit)
    {
        await using var node = new FsNode();
        var names = Enumerable.Range(0, 10_000).Select(i => $"entry-{i:x}").ToHashSet(StringComparer.Ordinal);
        foreach (var name in names)
        {
            Native.MakeFile(node.Root, Encoding.ASCII.GetBytes(name));
        }

        var client = await node.ConnectAsync();
        var found = new List<string>();
        string? cursor = null;
        do
        {
            var page = await client.ListAsync(".", cursor, limit);
            Assert.InRange(page.Entries.Count, 1, limit);
            found.AddRange(page.Entries.Select(e => e.Name));
            cursor = page.Next;
        }
        while (cursor is not null);
        Assert.Equal(names.Count, found.Count);
        Assert.True(names.SetEquals(found));
    }

    [Theory]
    [InlineData(2, false)]
    [InlineData(3, false)]
    [InlineData(1, true)]
    public async Task Only_a_page_that_leaves_something_has_a_next(int limit, bool hasNext)
    {
        await using var node = new FsNode();
        node.Write("one", []);
        node.Write("two", []);
        var client = await node.ConnectAsync();
        Assert.Equal(hasNext, (await client.ListAsync(".", null, limit)).Next is not null);
    }

    [Fact]
    public async Task Kinds_and_sizes_are_the_entrys_own_and_links_are_not_followed()
    {
        await using var node = new FsNode();
        node.Write("file", new byte[77]);
        Directory.CreateDirectory(node["dir"]);
        Native.MakeFifo(node["fifo"]);
        File.WriteAllBytes(Path.Combine(node.Outside, "secret"), new byte[12_345]);
        File.CreateSymbolicLink(node["link"], "../outside/secret");
        var client = await node.ConnectAsync();
        var entries = (await client.ListAsync()).Entries.ToDictionary(e => e.Name);
        Assert.Equal(["dir", "fifo", "file", "symlink"], entries.Values.Select(e => e.Kind).Order());
        Assert.Equal((77L, false), (entries["file"].Size, entries["file"].IsDir));
        Assert.True(entries["dir"].IsDir);
        Assert.Equal("../outside/secret".Length, entries["link"].Size);
        Assert.All(entries.Values, e => Assert.Null(e.NameB64));
    }

    [Fact]
    public async Task Names_of_any_bytes_are_told_exactly()
    {
        await using var node = new FsNode();
        byte[][] names = ["new\nline"u8.ToArray(), "quo\"te\\"u8.ToArray(), "tab\t\x01"u8.ToArray(), "😀é"u8.ToArray(), [0xff, 0xfe], [(byte)'a', 0xed, 0xa0, 0x80]];
        foreach (var name in names)
        {
            Native.MakeFile(node.Root, name);
        }

        var client = await node.ConnectAsync();
        var entries = (await client.ListAsync()).Entries;
        var told = entries.Select(e => Convert.ToHexString(e.NameB64 is { } bytes ? bytes.Span : Encoding.UTF8.GetBytes(e.Name)));
        Assert.Equal(names.Select(Convert.ToHexString).Order(), told.Order());
        Assert.Equal(2, entries.Count(e => e.NameB64 is not null && e.Name.Contains('\uFFFD', StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData((byte)'n')]
    [InlineData((byte)1)]
    [InlineData((byte)0xff)]
    public async Task A_page_of_the_longest_names_stops_before_its_frame_is_full(byte fill)
    {
        await using var node = new FsNode();
        var name = new byte[255];
        for (var i = 0; i < 4096; i++)
        {
            name.AsSpan().Fill(fill);
            Encoding.ASCII.GetBytes($"{i:x4}", name);
            Native.MakeFile(node.Root, name);
        }

        var client = await node.ConnectAsync();
        var (count, pages, cursor) = (0, 0, (string?)null);
        do
        {
            var response = await client.TryListAsync(".", cursor, 4096);
            var page = response.Get(Contracts.ContractsJson.Default.ListResult);
            (count, pages, cursor) = (count + page.Entries.Count, pages + 1, page.Next);
        }
        while (cursor is not null);
        Assert.Equal(4096, count);
        Assert.InRange(pages, 2, 10);
    }

    [Theory]
    [InlineData("x")]
    [InlineData("0")]
    [InlineData("01")]
    [InlineData("+1")]
    [InlineData(" 1")]
    [InlineData("1e3")]
    [InlineData("99999999999999999999")]
    public async Task A_cursor_of_another_spelling_is_refused(string cursor)
    {
        await using var node = new FsNode();
        var client = await node.ConnectAsync();
        (await client.TryListAsync(".", cursor)).MustBe(ErrorCode.InvalidArgument, "invalid_cursor");
    }

    [Theory]
    [InlineData("1")]
    [InlineData("-1")]
    [InlineData("9223372036854775807")]
    [InlineData("-9223372036854775808")]
    public async Task A_made_up_cursor_does_no_harm(string cursor)
    {
        await using var node = new FsNode();
        node.Write("only", []);
        var client = await node.ConnectAsync();
        var response = await client.TryListAsync(".", cursor);
        if (response.Error is { } error)
        {
            Assert.Equal("invalid_cursor", error.Reason);
        }
        else
        {
            Assert.All(response.Get(Contracts.ContractsJson.Default.ListResult).Entries, e => Assert.Equal("only", e.Name));
        }
    }

    [Fact]
    public async Task Limits_outside_the_range_are_refused()
    {
        await using var node = new FsNode();
        var client = await node.ConnectAsync();
        (await client.TryListAsync(".", null, 0)).MustBe(ErrorCode.InvalidArgument, null);
        (await client.TryListAsync(".", null, 4097)).MustBe(ErrorCode.InvalidArgument, null);
    }
}
