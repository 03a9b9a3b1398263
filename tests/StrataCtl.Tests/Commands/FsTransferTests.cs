using System.Text;
using Strata.Policy;
using Strata.StrataCtl.Commands;
using Strata.StrataCtl.Completion;
using Strata.StrataCtl.Output;
using Strata.StrataCtl.Tests.Fakes;

namespace Strata.StrataCtl.Tests.Commands;

public class FsTransferTests
{
    private const string Ended = """{"status":"ended"}""";
    private static readonly string[] Token = ["--token", "T"];

    [Fact]
    public async Task Standard_input_is_sent_in_order_and_its_hash_committed()
    {
        var sent = new MemoryStream();
        await using var node = new FakeNode("registry", "fs")
            .On("fs.upload", """{"handle":"h","offset":0}""")
            .On("fs.upload_write", request =>
            {
                lock (sent)
                {
                    sent.Position = request.Params.GetProperty("offset").GetInt64();
                    sent.Write(request.Params.GetProperty("data_b64").GetBytesFromBase64());
                    return FakeAnswer.Result($$"""{"offset":{{sent.Length}}}""");
                }
            })
            .On("fs.upload_commit", """{"sha256":"","size":0}""");
        var text = new string('x', FsPutCommand.PieceBytes + 10);
        var run = await CtlRun.Of(node, new CtlSettings { Input = text }, ["fs", "put", "-", "dir/name", .. Token]);
        Assert.Equal((0, "", ""), (run.Code, run.Output, run.Error));
        Assert.Equal(text, Encoding.ASCII.GetString(sent.ToArray()));
        var hash = new Sha256Hash();
        hash.Append(Encoding.ASCII.GetBytes(text));
        var commit = node.Only("fs.upload_commit");
        Assert.Equal((hash.Finish(), text.Length), (commit.Text("sha256"), commit.Params.GetProperty("size").GetInt32()));
    }

    [Fact]
    public async Task An_upload_that_broke_off_goes_on_where_it_ended_and_hashes_the_whole()
    {
        var file = Path.GetTempFileName();
        try
        {
            File.WriteAllText(file, "0123456789");
            await using var node = new FakeNode("registry", "fs")
                .On("fs.upload", """{"handle":"h","offset":4}""").On("fs.upload_write", """{"offset":10}""").On("fs.upload_commit", """{"sha256":"","size":10}""");
            Assert.Equal(0, (await CtlRun.Of(node, ["fs", "put", file, "dir/", .. Token])).Code);
            Assert.Equal("dir/" + Path.GetFileName(file), node.Only("fs.upload").Text("path"));
            Assert.Equal(4, node.Only("fs.upload_write").Params.GetProperty("offset").GetInt64());
            Assert.Equal("456789"u8.ToArray(), node.Only("fs.upload_write").Params.GetProperty("data_b64").GetBytesFromBase64());
            Assert.Equal("84d89877f0d4041efb6bf91a16f0248f2fd573e6af05c19f96bedb9f882f7882", node.Only("fs.upload_commit").Text("sha256"));
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Theory]
    [InlineData("fs put -")]
    [InlineData("fs put - dir/")]
    [InlineData("fs put /nowhere/file x")]
    [InlineData("fs tree -L 0")]
    [InlineData("fs find x --kind fifo")]
    public async Task What_makes_no_sense_is_a_wrong_usage(string line)
    {
        await using var node = new FakeNode("registry", "fs");
        Assert.Equal(2, (await CtlRun.Of(node, [.. line.Split(' '), .. Token])).Code);
    }

    [Fact]
    public async Task A_stream_that_ends_before_its_file_is_a_failure()
    {
        await using var node = new FakeNode("registry", "fs")
            .On("fs.download", _ => FakeAnswer.Items(staysOpen: false, """{"offset":0,"data_b64":"eA==","size":9,"modified":"m","eof":false}""", Ended));
        var run = await CtlRun.Of(node, ["fs", "get", "file", "-", .. Token]);
        Assert.Equal((1, "x"), (run.Code, run.Output));
    }

    [Fact]
    public async Task A_removal_goes_on_until_it_is_done_and_not_for_ever()
    {
        var calls = 0;
        await using var node = new FakeNode("registry", "fs").On("fs.remove_tree", _ => FakeAnswer.Result($$"""{"removed":{{(++calls < 3 ? 5 : 0)}},"done":false}"""));
        Assert.Equal(0, (await CtlRun.Of(node, ["fs", "rm", "-r", "dir", .. Token])).Code);
        Assert.Equal(3, calls);
    }

    [Fact]
    public async Task Names_of_strangers_do_not_move_the_terminal()
    {
        await using var node = new FakeNode("registry", "fs")
            .On("fs.list", """{"entries":[{"name":"\u001b[2Jevil","is_dir":false,"size":1,"kind":"file"}]}""")
            .On("fs.find", _ => FakeAnswer.Items(staysOpen: false, """{"entries":[{"path":"\u001b[2Jevil","kind":"file","size":1}],"visited":1,"skipped":0,"truncated":false}""", Ended))
            .On("fs.watch", _ => FakeAnswer.Items(staysOpen: false, """{"events":[{"event":"made","name":"\u001b[2Jevil","is_dir":false}],"overflow":false}""", Ended));
        foreach (var command in new[] { "tree", "find *", "watch" })
        {
            var run = await CtlRun.Of(node, ["fs", .. command.Split(' '), .. Token]);
            Assert.Equal(0, run.Code);
            Assert.Contains("\\x1b[2Jevil", run.Output, StringComparison.Ordinal);
            Assert.DoesNotContain('\e', run.Output);
        }
    }

    [Theory]
    [InlineData("reports/2026.txt", true)]
    [InlineData("größe", true)]
    [InlineData("a b", false)]
    [InlineData("a;b", false)]
    [InlineData("$(x)", false)]
    [InlineData("-rf", false)]
    [InlineData("~root", false)]
    [InlineData("a\nb", false)]
    [InlineData("a'b", false)]
    public void Only_what_means_nothing_to_a_shell_is_offered(string path, bool plain) => Assert.Equal(plain, RemotePaths.IsPlain(path));

    [Theory]
    [InlineData(0L, 100L, 0.0, "f  [------------------------] 0%  0 B  0 B/s")]
    [InlineData(50L, 100L, 10.0, "f  [############------------] 50%  50 B  10 B/s  5s left")]
    [InlineData(1536L, null, 1024.0, "f  1.5 KiB  1.0 KiB/s")]
    [InlineData(200L, 100L, 10.0, "f  [########################] 100%  200 B  10 B/s")]
    public void A_bar_tells_how_far_it_is(long bytes, long? total, double rate, string line) => Assert.StartsWith(line, ProgressBar.Line("f", bytes, total, rate), StringComparison.Ordinal);

    [Fact]
    public void A_target_that_ends_in_a_slash_is_a_directory() =>
        Assert.Equal(("a/b", "d/b", "d/b"), (FsChangeCommands.Into("a/b", "x"), FsChangeCommands.Into("d/", "a/b"), FsChangeCommands.Into("d/", "a/b/")));
}
