using System.Text;
using Strata.StrataCtl.Commands;
using Strata.StrataCtl.Tests.Fakes;

namespace Strata.StrataCtl.Tests.Commands;

public sealed class SandboxCopyTests : IDisposable
{
    private static readonly string[] Token = ["--token", "T"];

    private readonly TempDirectory _here = new();

    public void Dispose() => _here.Dispose();

    [Theory]
    [InlineData("work:", "work", null, ".")]
    [InlineData("work:/a:b", "work", null, "/a:b")]
    [InlineData("@data:in", null, "data", "in")]
    [InlineData("./a:b", null, null, null)]
    [InlineData("/a:b", null, null, null)]
    [InlineData("dir/a:b", null, null, null)]
    [InlineData("file", null, null, null)]
    public void A_place_is_told_from_a_path_here(string text, string? session, string? workspace, string? path) =>
        Assert.Equal(path is null ? null : new SandboxPlace(session, workspace, path), SandboxPlace.TryRead(text));

    [Fact]
    public async Task A_file_goes_in_piece_by_piece_under_its_own_name()
    {
        var sent = new MemoryStream();
        await using var node = Node(sent);
        File.WriteAllText(_here["name.txt"], new string('x', SandboxSending.PieceBytes + 10));
        var run = await CtlRun.Of(node, ["sandbox", "cp", _here["name.txt"], "work:", .. Token]);
        Assert.Equal((0, "", ""), (run.Code, run.Output, run.Error));
        Assert.Equal(("./name.txt", "work"), (node.Only("sandbox.upload").Text("path"), node.Only("sandbox.upload").Text("session")));
        Assert.Equal(SandboxSending.PieceBytes + 10, sent.Length);
        Assert.Equal(sent.Length, node.Only("sandbox.upload_commit").Params.GetProperty("size").GetInt64());
    }

    [Fact]
    public async Task A_file_goes_on_where_the_connection_broke_off_in_this_run_and_in_the_next_and_not_when_it_has_changed()
    {
        var sent = new MemoryStream();
        await using var node = Node(sent);
        var breaks = 2;
        var write = node.Answer("sandbox.upload_write");
        node.On("sandbox.upload", _ => FakeAnswer.Result($$"""{"handle":"h","offset":{{sent.Length}}}"""))
            .On("sandbox.upload_write", request => request.Params.GetProperty("offset").GetInt64() > 0 && Interlocked.Decrement(ref breaks) >= 0 ? throw new IOException("the connection breaks off") : write(request));
        var content = string.Concat(Enumerable.Range(0, SandboxSending.PieceBytes / 3).Select(i => $"{i} "));
        File.WriteAllText(_here["name.txt"], content);
        var run = await CtlRun.Of(node, ["sandbox", "cp", _here["name.txt"], "work:", .. Token]);
        Assert.True(run.Code == 0, run.Error);
        Assert.Contains("goes on at", run.Error, StringComparison.Ordinal);
        Assert.Equal(content, Encoding.ASCII.GetString(sent.ToArray()));

        sent.SetLength(100);
        Assert.Equal(0, (await CtlRun.Of(node, ["sandbox", "cp", _here["name.txt"], "work:", .. Token])).Code);
        Assert.Equal(content, Encoding.ASCII.GetString(sent.ToArray()));
        Assert.Single(Names());
        var times = File.GetLastWriteTimeUtc(_here["name.txt"]);
        File.WriteAllText(_here["name.txt"], new string('y', content.Length));
        File.SetLastWriteTimeUtc(_here["name.txt"], times);
        sent.SetLength(0);
        await CtlRun.Of(node, ["sandbox", "cp", _here["name.txt"], "work:", .. Token]);
        Assert.Equal(2, Names().Count());

        IEnumerable<string> Names() => node.Requests.Where(r => r.Method == "sandbox.upload").Select(r => r.Text("resume")).Distinct();
    }

    [Fact]
    public async Task What_fails_for_good_is_not_tried_again()
    {
        await using var node = Node(new MemoryStream()).On("sandbox.upload_write", _ => FakeAnswer.Error(6, "RESOURCE_EXHAUSTED", "the disk is full", "disk_full"));
        File.WriteAllText(_here["name.txt"], "x");
        Assert.Equal(1, (await CtlRun.Of(node, ["sandbox", "cp", _here["name.txt"], "work:", .. Token])).Code);
        node.Only("sandbox.upload");
    }

    [Fact]
    public async Task A_directory_goes_in_as_an_archive()
    {
        var sent = new MemoryStream();
        await using var node = Node(sent);
        Directory.CreateDirectory(_here["src"]);
        File.WriteAllText(_here["src/inner"], "content");
        Assert.Equal(0, (await CtlRun.Of(node, ["sandbox", "cp", _here["src"], "@data:into", .. Token])).Code);
        Assert.Equal(("into", "data"), (node.Only("sandbox.archive_in").Text("path"), node.Only("sandbox.archive_in").Text("workspace")));
        Assert.Contains("inner", Encoding.ASCII.GetString(sent.ToArray()), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_comes_out_whole_and_replaces_nothing_unasked()
    {
        await using var node = new FakeNode("registry", "sandbox")
            .On("sandbox.stat", """{"kind":"file","is_dir":false,"size":2,"mode":"0644","modified":"2026-01-01T00:00:00Z"}""")
            .On("sandbox.download", _ => FakeAnswer.Items(staysOpen: false, """{"offset":0,"data_b64":"aGk=","size":2,"modified":"2026-01-01T00:00:00Z","eof":true}""", """{"status":"ended"}"""));
        Assert.Equal(0, (await CtlRun.Of(node, ["sandbox", "cp", "work:/workspace/out", _here.Path, .. Token])).Code);
        Assert.Equal("hi", File.ReadAllText(_here["out"]));
        Assert.Equal(["out"], Directory.GetFileSystemEntries(_here.Path).Select(p => Path.GetFileName(p)));
        var again = await CtlRun.Of(node, ["sandbox", "cp", "work:/workspace/out", _here.Path, .. Token]);
        Assert.Equal(2, again.Code);
        Assert.Contains("--force", again.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_others_packed_is_not_unpacked_here_and_two_places_are_told_apart()
    {
        await using var node = new FakeNode("registry", "sandbox").On("sandbox.stat", """{"kind":"dir","is_dir":true,"size":2,"mode":"0755","modified":"2026-01-01T00:00:00Z"}""");
        var directory = await CtlRun.Of(node, ["sandbox", "cp", "work:src", _here.Path, .. Token]);
        Assert.Equal(2, directory.Code);
        Assert.Contains("| tar x", directory.Error, StringComparison.Ordinal);
        Assert.Equal(2, (await CtlRun.Of(node, ["sandbox", "cp", "a", "b", .. Token])).Code);
        Assert.Equal(2, (await CtlRun.Of(node, ["sandbox", "cp", "a:x", "b:x", .. Token])).Code);
        Assert.Equal(2, (await CtlRun.Of(node, ["sandbox", "ls", "here", .. Token])).Code);
    }

    private static FakeNode Node(MemoryStream sent) => new FakeNode("registry", "sandbox")
        .On("sandbox.upload", """{"handle":"h"}""").On("sandbox.archive_in", """{"handle":"h"}""")
        .On("sandbox.upload_write", request =>
        {
            lock (sent)
            {
                // What follows a piece that was lost, on another connection, is refused as the service does it.
                if (request.Params.GetProperty("offset").GetInt64() != sent.Length)
                {
                    return FakeAnswer.Error(8, "CONFLICT", "the upload has other bytes", "offset_mismatch");
                }

                sent.Position = sent.Length;
                sent.Write(request.Params.GetProperty("data_b64").GetBytesFromBase64());
                return FakeAnswer.Result($$"""{"offset":{{sent.Length}}}""");
            }
        })
        .On("sandbox.upload_commit", """{"size":0}""");
}
