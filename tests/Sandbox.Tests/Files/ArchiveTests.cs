using System.Formats.Tar;
using System.Text;
using Strata.Contracts;
using Strata.Linux;

namespace Strata.Sandbox.Tests;

public sealed class ArchiveTests
{
    private const string Into = """{"session":"box","path":"in"}""";

    [Fact]
    public async Task A_tree_goes_out_and_comes_in_as_it_was()
    {
        await using var node = new FilesNode();
        var client = await node.ConnectAsync();
        await client.CallAsync("mkdir", """{"session":"box","path":"t/empty","parents":true}""");
        await client.WriteAsync("t/file", new string('x', 700_000));
        await client.CallAsync("write", """{"session":"box","path":"t/run","data":"#!/bin/sh","permissions":"0755"}""");
        System.IO.File.CreateSymbolicLink(node["t/link"], "/etc/passwd");
        Native.MakeFifo(node["t/fifo"]);
        var archive = new MemoryStream();
        var skipped = 0;
        await foreach (var item in client.StreamAsync("archive_out", """{"session":"box","path":"t/"}"""))
        {
            var piece = item.Get(ContractsJson.Default.SandboxArchivePiece);
            archive.Write(piece.DataB64.Span);
            skipped = piece.Skipped;
        }

        Assert.Equal(1, skipped);
        var done = (await client.SendAsync("archive_in", Into, archive.ToArray())).Get(ContractsJson.Default.SandboxUploadDone);
        Assert.Equal(4, done.Entries);
        Assert.Equal(700_000, new FileInfo(node["in/file"]).Length);
        Assert.Equal("/etc/passwd", new FileInfo(node["in/link"]).LinkTarget);
        Assert.True(Directory.Exists(node["in/empty"]));
        Assert.True(FileStatus.TryGetNoFollow(node["in/run"], out var status) == 0 && status.Mode == 0x1ED && (!FilesNode.IsRoot || status.Uid == FilesNode.User));
    }

    public static TheoryData<string, string> Evil => new()
    {
        { "up", "archive_refused" }, { "absolute", "archive_refused" }, { "through", "archive_refused" }, { "hard", "archive_refused" }, { "hardup", "archive_refused" },
        { "device", "archive_refused" }, { "fifo", "archive_refused" }, { "garbage", "archive_refused" }, { "cut", "archive_refused" },
        { "sparse", "archive_refused" }, { "volume", "archive_refused" }, { "headers", "archive_refused" }, { "endless header", "archive_refused" }, { "nul", "archive_refused" }, { "long", "archive_refused" }, { "size", "archive_refused" },
    };

    [Theory]
    [MemberData(nameof(Evil))]
    public async Task Nothing_in_an_archive_reaches_out_of_its_directory(string kind, string reason)
    {
        await using var node = new FilesNode();
        var client = await node.ConnectAsync();
        var answer = await client.SendAsync("archive_in", Into, Make(kind, node));
        Assert.Equal(reason, answer.Error?.Reason);
        Assert.Equal(["secret"], Directory.GetFileSystemEntries(node.Outside).Select(p => Path.GetFileName(p)));
        Assert.Equal("the host's own", System.IO.File.ReadAllText(Path.Combine(node.Outside, "secret")));
        Assert.Equal(["in"], Directory.GetFileSystemEntries(node.Workspace).Select(p => Path.GetFileName(p)));
    }

    [Fact]
    public async Task Bits_that_lend_authority_are_left_out_and_what_is_there_is_replaced()
    {
        await using var node = new FilesNode();
        var client = await node.ConnectAsync();
        var bytes = Pack(tar => tar.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, "f") { Mode = (UnixFileMode)0xFED, DataStream = new MemoryStream("new"u8.ToArray()) }));
        await client.CallAsync("mkdir", """{"session":"box","path":"in"}""");
        await client.WriteAsync("kept", "kept");
        System.IO.File.CreateSymbolicLink(node["in/f"], "../kept");
        Assert.Null((await client.SendAsync("archive_in", Into, bytes)).Error);
        Assert.True(FileStatus.TryGetNoFollow(node["in/f"], out var status) == 0 && status.Kind == FileKind.Regular && status.Mode == 0x1ED);
        Assert.Equal("kept", System.IO.File.ReadAllText(node["kept"]));
    }

    [Fact]
    public async Task Names_that_are_no_text_come_in_byte_for_byte()
    {
        await using var node = new FilesNode();
        var client = await node.ConnectAsync();
        var archive = new TarMaker().File("caf?").Done();
        archive[3] = 0xe9;
        archive.AsSpan(148, 7).Clear();
        var sum = archive.AsSpan(0, 148).ToArray().Concat(archive[156..512]).Sum(b => (int)b) + (8 * ' ');
        Encoding.ASCII.GetBytes(Convert.ToString(sum, 8).PadLeft(6, '0')).CopyTo(archive, 148);
        Assert.Null((await client.SendAsync("archive_in", Into, archive)).Error);
        using var directory = DirectoryHandle.Open(node["in"]);
        Assert.Equal(0, FileStatus.TryGetEntry(directory, [(byte)'c', (byte)'a', (byte)'f', 0xe9], out _));
    }

    [Theory]
    [InlineData(3, 1000, 64, null)]
    [InlineData(2, 1000, 64, "archive_too_large")]
    [InlineData(3, 6, 64, null)]
    [InlineData(3, 5, 64, "archive_too_large")]
    [InlineData(3, 1000, 2, null)]
    [InlineData(3, 1000, 1, "archive_refused")]
    public async Task Entries_bytes_and_depth_are_bounded(int entries, long bytes, int depth, string? reason)
    {
        await using var node = new FilesNode(new SandboxFileOptions { Archives = new ArchiveLimits(entries, bytes, depth) });
        var client = await node.ConnectAsync();
        var archive = Pack(tar =>
        {
            foreach (var name in (string[])["d/a", "b", "c"])
            {
                tar.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, name) { DataStream = new MemoryStream("xy"u8.ToArray()) });
            }
        });
        Assert.Equal(reason, (await client.SendAsync("archive_in", Into, archive)).Error?.Reason);
    }

    [Fact]
    public async Task Archives_at_once_are_bounded_and_a_session_that_ends_ends_them()
    {
        await using var node = new FilesNode(new SandboxFileOptions { MaxArchivesOfOne = 1 });
        var client = await node.ConnectAsync();
        var handle = (await client.GetAsync("archive_in", Into, ContractsJson.Default.SandboxUploadBegun)).Handle;
        Assert.Equal("archives_exhausted", await client.ReasonAsync("archive_in", Into));
        Assert.Null((await client.CallAsync("upload_discard", $$"""{"handle":"{{handle}}"}""")).Error);
        handle = (await client.GetAsync("archive_in", Into, ContractsJson.Default.SandboxUploadBegun)).Handle;
        node.EndSession();
        await Patience.UntilAsync(() => client.ReasonAsync("archive_in", Into).GetAwaiter().GetResult() == "session_not_found");
        Assert.Contains(await client.ReasonAsync("upload_commit", $$"""{"handle":"{{handle}}","size":0}"""), (string[])["session_not_found", "no_such_handle"]);
    }

    private static byte[] Make(string kind, FilesNode node) => kind switch
    {
        "up" => Pack(tar => tar.WriteEntry(File("../../outside/planted"))),
        "absolute" => Pack(tar => tar.WriteEntry(File($"{node.Outside}/planted"))),
        "through" => Pack(tar =>
        {
            tar.WriteEntry(new PaxTarEntry(TarEntryType.SymbolicLink, "way") { LinkName = node.Outside });
            tar.WriteEntry(File("way/planted"));
        }),
        "hard" => Pack(tar =>
        {
            tar.WriteEntry(new PaxTarEntry(TarEntryType.SymbolicLink, "way") { LinkName = node.Outside });
            tar.WriteEntry(new PaxTarEntry(TarEntryType.HardLink, "got") { LinkName = "way/secret" });
        }),
        "hardup" => Pack(tar => tar.WriteEntry(new PaxTarEntry(TarEntryType.HardLink, "got") { LinkName = "../../../outside/secret" })),
        "device" => Pack(tar => tar.WriteEntry(new PaxTarEntry(TarEntryType.CharacterDevice, "null") { DeviceMajor = 1, DeviceMinor = 3 })),
        "fifo" => Pack(tar => tar.WriteEntry(new PaxTarEntry(TarEntryType.Fifo, "fifo"))),
        "sparse" => new TarMaker().Entry('S', "f").Done(),
        "volume" => new TarMaker().Entry('M', "f").Done(),
        "headers" => Enumerable.Range(0, TarArchive.MaxHeaders + 1).Aggregate(new TarMaker(), (tar, _) => tar.LongName("n")).File("f").Done(),
        "endless header" => new TarMaker().Entry('x', "h", size: 1L << 33).Done(),
        "nul" => new TarMaker().Pax(("path", "a\0b")).File("f").Done(),
        "long" => new TarMaker().LongName(string.Join('/', Enumerable.Repeat("p", 2100))).File("f").Done(),
        "size" => new TarMaker().Pax(("size", "-1")).File("f").Done(),
        "garbage" => Encoding.ASCII.GetBytes(new string('g', 2048)),
        _ => Pack(tar => tar.WriteEntry(File("f")))[..700],
    };

    private static PaxTarEntry File(string name) => new(TarEntryType.RegularFile, name) { DataStream = new MemoryStream(new byte[600]) };

    private static byte[] Pack(Action<TarWriter> write)
    {
        var bytes = new MemoryStream();
        using (var tar = new TarWriter(bytes, TarEntryFormat.Pax, leaveOpen: true))
        {
            write(tar);
        }

        return bytes.ToArray();
    }
}
