using System.Text;
using Strata.Contracts;
using Strata.Ipc;

namespace Strata.Fs.Tests;

/// <summary>Links, special files, names of any bytes, files of any size and files that change: nothing outside is reached, nothing hangs.</summary>
public sealed class OddFilesTests
{
    private static readonly ContractsJson Json = ContractsJson.Default;

    [Fact]
    public async Task No_change_follows_a_link_out()
    {
        await using var node = new FsNode(writable: true);
        var secret = Path.Combine(node.Outside, "secret");
        File.WriteAllText(secret, "secret");
        File.SetUnixFileMode(secret, (UnixFileMode)0x1A4);
        File.CreateSymbolicLink(node["file-link"], secret);
        File.CreateSymbolicLink(node["dir-link"], node.Outside);
        File.CreateSymbolicLink(node["new-link"], Path.Combine(node.Outside, "new"));
        node.Write("file", "x"u8);
        var client = await node.ConnectAsync();
        foreach (var (method, json) in new[]
        {
            ("fs.open", """{"path":"file-link","mode":"w","truncate":true}"""), ("fs.open", """{"path":"new-link","mode":"w","create":true}"""),
            ("fs.open", """{"path":"dir-link/new","mode":"w","create":true}"""), ("fs.mkdir", """{"path":"dir-link/new"}"""),
            ("fs.mkdir", """{"path":"dir-link/a/b","parents":true}"""), ("fs.rename", """{"from":"file","to":"dir-link/file"}"""),
            ("fs.rename", """{"from":"dir-link/secret","to":"taken"}"""), ("fs.remove", """{"path":"dir-link/secret"}"""),
            ("fs.remove_tree", """{"path":"dir-link/secret"}"""), ("fs.chmod", """{"path":"file-link","permissions":"0777"}"""),
            ("fs.copy", """{"from":"file-link","to":"taken"}"""), ("fs.copy", """{"from":"file","to":"dir-link/file"}"""),
            ("fs.link", """{"from":"file-link","to":"taken"}"""), ("fs.link", """{"from":"file","to":"dir-link/file"}"""),
            ("fs.write_atomic", """{"path":"dir-link/secret","data":"x"}"""), ("fs.upload", """{"path":"dir-link/new","upload":"u"}"""),
            ("fs.hash", """{"path":"file-link"}"""), ("fs.download", """{"path":"file-link"}"""), ("fs.find", """{"path":"dir-link"}"""), ("fs.watch", """{"path":"dir-link"}"""),
            ("fs.rename", """{"from":"file","to":"../outside/file"}"""), ("fs.copy", """{"from":"file","to":"/tmp/x"}"""), ("fs.link", """{"from":"file","to":"../x"}"""),
        })
        {
            var response = await client.CallAsync(method, json);
            Assert.True(response.Error is { Code: ErrorCode.PermissionDenied, Reason: "path_outside_prefix" }, $"{method} {json}: {response.Error}");
        }

        Assert.Equal(["secret"], Directory.GetFileSystemEntries(node.Outside).Select(Path.GetFileName));
        Assert.Equal(("secret", (UnixFileMode)0x1A4), (File.ReadAllText(secret), File.GetUnixFileMode(secret)));
        // The link itself is the prefix's own.
        Assert.Equal(new RemoveTreeResult(1, true), await client.GetAsync("fs.remove_tree", """{"path":"dir-link"}""", Json.RemoveTreeResult));
        Assert.True(File.Exists(secret));
    }

    [Fact]
    public async Task Special_files_never_make_a_call_wait()
    {
        await using var node = new FsNode(writable: true);
        Native.MakeFifo(node["fifo"]);
        node.Write("file", "x"u8);
        var client = await node.ConnectAsync();
        foreach (var (method, json) in new[]
        {
            ("fs.open", """{"path":"fifo","mode":"r"}"""), ("fs.open", """{"path":"fifo","mode":"w"}"""), ("fs.open", """{"path":"fifo","mode":"rw","create":true}"""),
            ("fs.open", """{"path":"fifo","mode":"w","append":true,"truncate":true}"""), ("fs.hash", """{"path":"fifo"}"""), ("fs.download", """{"path":"fifo"}"""),
            ("fs.copy", """{"from":"fifo","to":"x"}"""), ("fs.link", """{"from":"fifo","to":"x"}"""),
        })
        {
            (await client.CallAsync(method, json)).MustBe(ErrorCode.InvalidArgument, "not_regular_file");
        }

        // Its name may be taken, as any.
        Assert.Equal("written", await client.StatusAsync("fs.write_atomic", """{"path":"fifo","data":"x"}"""));
        Assert.Equal("file", (await client.StatAsync("fifo")).Kind);
    }

    [Fact]
    public async Task A_hard_link_is_the_file_itself()
    {
        await using var node = new FsNode(writable: true);
        var other = Path.Combine(node.Outside, "other");
        File.WriteAllText(other, "shared");
        Native.Link(other, node["name"]);
        var client = await node.ConnectAsync();
        Assert.Equal("shared", (await client.ReadAsync(await client.OpenAsync("name"))).Data);
        // What is written whole takes the name, and leaves the file it had to its other names.
        Assert.Equal("written", await client.StatusAsync("fs.write_atomic", """{"path":"name","data":"own"}"""));
        Assert.Equal(("shared", "own"), (File.ReadAllText(other), File.ReadAllText(node["name"])));
    }

    [Fact]
    public async Task Names_of_any_bytes_are_listed_found_watched_and_removed()
    {
        await using var node = new FsNode(writable: true);
        Directory.CreateDirectory(node["odd"]);
        Native.MakeFile(node["odd"], "line\nbreak"u8);
        Native.MakeFile(node["odd"], [0xFF, 0xFE, (byte)'x']);
        var client = await node.ConnectAsync();
        var found = new List<FoundEntry>();
        await foreach (var item in client.StreamAsync("fs.find", """{"path":"odd"}"""))
        {
            found.AddRange(item.Get(Json.FindPart).Entries);
        }

        Assert.Equal(["line\nbreak", "\ufffd\ufffdx"], found.Select(e => e.Path).Order(StringComparer.Ordinal));
        Assert.Equal(new byte[] { 0xFF, 0xFE, (byte)'x' }, found.Single(e => e.PathB64 is not null).PathB64!.Value.ToArray());
        Assert.Equal("", (await client.ReadAsync(await client.OpenAsync("odd/line\nbreak"))).Data);
        Assert.Equal("renamed", await client.StatusAsync("fs.rename", """{"from":"odd/line\nbreak","to":"odd/line\nbreak\t2"}"""));
        Assert.Equal(new RemoveTreeResult(3, true), await client.GetAsync("fs.remove_tree", """{"path":"odd"}""", Json.RemoveTreeResult));
    }

    [Fact]
    public async Task A_hundred_thousand_entries_are_listed_sorted_found_and_removed()
    {
        const int entries = 100_000;
        await using var node = new FsNode(new FsOptions { MaxVisited = 200_000 }, writable: true);
        Directory.CreateDirectory(node["many"]);
        for (var i = 0; i < entries; i++)
        {
            Native.MakeFile(node["many"], Encoding.ASCII.GetBytes($"{i:d6}"));
        }

        var client = await node.ConnectAsync();
        var names = new HashSet<string>(StringComparer.Ordinal);
        string? cursor = null;
        do
        {
            var page = await client.ListAsync("many", cursor, 4096);
            names.UnionWith(page.Entries.Select(e => e.Name));
            cursor = page.Next;
        }
        while (cursor is not null);
        Assert.Equal(entries, names.Count);
        var first = await client.GetAsync("fs.list", """{"path":"many","sort":"name","limit":3}""", Json.ListResult);
        Assert.Equal(["000000", "000001", "000002"], first.Entries.Select(e => e.Name));
        Assert.Equal(entries, (await FindTests.FindAsync(client, """{"path":"many","limit":100000}""")).Found.Length);
        var (removed, done) = (0, false);
        while (!done)
        {
            var part = await client.GetAsync("fs.remove_tree", """{"path":"many","limit":40000}""", Json.RemoveTreeResult);
            Assert.InRange(part.Removed, 1, 40_000);
            (removed, done) = (removed + part.Removed, part.Done);
        }

        Assert.Equal(entries + 1, removed);
    }

    [Fact]
    public async Task A_sparse_terabyte_costs_no_more_than_what_is_asked_of_it()
    {
        const long size = 1L << 40;
        await using var node = new FsNode(writable: true);
        using (var file = File.Create(node["sparse"]))
        {
            file.SetLength(size);
        }

        var capability = node.Grant();
        var client = await node.ConnectAsync(capability);
        var piece = await client.GetAsync("fs.download", $$"""{"path":"sparse","offset":{{size - 5}}}""", Json.DownloadPiece);
        Assert.Equal((5, true), (piece.DataB64.Length, piece.Eof));
        Assert.Equal(size, (await client.GetAsync("fs.copy", """{"from":"sparse","to":"copy"}""", Json.CopyResult)).Size);
        var hashing = client.CallAsync("fs.hash", """{"path":"sparse"}""");
        await Patience.UntilAsync(() => node.Service.Handles.Count == 1);
        node.Revoke(capability);
        (await hashing).MustBe(ErrorCode.Unauthenticated, "revoked");
    }

    [Fact]
    public async Task A_file_that_grows_and_shrinks_while_it_is_carried_ends_and_hangs_nobody()
    {
        await using var node = new FsNode(writable: true);
        node.Write("file", new byte[5_000_000]);
        var client = await node.ConnectAsync();
        using var done = new CancellationTokenSource();
        var changing = Task.Run(() =>
        {
            using var file = File.OpenHandle(node["file"], FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
            while (!done.IsCancellationRequested)
            {
                Linux.FileContent.TryTruncate((int)file.DangerousGetHandle(), 100_000);
                Linux.FileContent.TryTruncate((int)file.DangerousGetHandle(), 5_000_000);
            }
        });
        for (var i = 0; i < 20; i++)
        {
            long bytes = 0;
            await foreach (var item in client.StreamAsync("fs.download", """{"path":"file"}"""))
            {
                Assert.Null(item.Error);
                bytes += item.Get(Json.DownloadPiece).DataB64.Length;
            }

            Assert.InRange(bytes, 0, 5_000_000);
            Assert.InRange((await client.GetAsync("fs.hash", """{"path":"file"}""", Json.HashResult)).Size, 0, 5_000_000);
            Assert.Null((await client.CallAsync("fs.copy", """{"from":"file","to":"copy","replace":true}""")).Error);
        }

        await done.CancelAsync();
        await changing;
        Assert.Equal(0, node.Service.Handles.Count);
    }
}
