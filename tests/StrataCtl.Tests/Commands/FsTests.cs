using System.Text.Json;
using Strata.Contracts;
using Strata.StrataCtl.Commands;
using Strata.StrataCtl.Tests.Fakes;

namespace Strata.StrataCtl.Tests.Commands;

public class FsTests
{
    private static readonly string[] Token = ["--token", "T"];

    [Fact]
    public async Task A_listing_follows_its_pages_and_disarms_names()
    {
        await using var node = new FakeNode("registry", "fs").On("fs.list", request => FakeAnswer.Result(
            request.Params.TryGetProperty("cursor", out var cursor)
                ? $$"""{"entries":[{"name":"last","is_dir":true,"size":0,"kind":"dir"}]{{(cursor.GetString() == "c2" ? "" : ",\"next\":\"c2\"")}}}"""
                : """{"entries":[{"name":"\u001b[2Jevil\n","is_dir":false,"size":12345,"kind":"file"}],"next":"c1"}"""));
        var run = await CtlRun.Of(node, ["fs", "ls", "dir", .. Token]);
        Assert.Equal((0, "KIND   SIZE  NAME\nfile  12345  \\x1b[2Jevil\\n\ndir       -  last/\ndir       -  last/\n"), (run.Code, run.Output));
        Assert.All(node.Requests.Where(r => r.Method == "fs.list"), r => Assert.Equal(("T", "dir"), (r.Token, r.Text("path"))));
        var json = await CtlRun.Of(node, ["fs", "ls", "--json", .. Token]);
        Assert.Equal("\e[2Jevil\n", json.Json.GetProperty("entries")[0].GetProperty("name").GetString());
        Assert.DoesNotContain('\e', json.Output);
    }

    [Fact]
    public async Task A_listing_without_end_stops_at_the_limit()
    {
        await using var node = new FakeNode("registry", "fs").On("fs.list", """{"entries":[],"next":"again"}""");
        var run = await CtlRun.Of(node, ["fs", "ls", .. Token]);
        Assert.Equal((0, FsListCommand.MaxPages), (run.Code, node.Requests.Count(r => r.Method == "fs.list")));
        Assert.Contains("the listing goes on", run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, 4096)]
    [InlineData(1, 4096)]
    [InlineData(4096, 4096)]
    [InlineData(100_001, 977)]
    [InlineData(3_000_000, 1_000_000)]
    public async Task Cat_gives_the_bytes_exactly_however_short_the_reads(int size, int atMost)
    {
        var content = new byte[size];
        new Random(size).NextBytes(content);
        await using var node = Files(content, atMost);
        var run = await CtlRun.Of(node, ["fs", "cat", "a.bin", .. Token]);
        Assert.Equal((0, ""), (run.Code, run.Error));
        Assert.True(content.AsSpan().SequenceEqual(run.Bytes));
        Assert.Equal("h1", node.Only("fs.close").Text("handle"));
        Assert.All(node.Requests.Where(r => r.Method == "fs.read"), r => Assert.Equal(FsCatCommand.ChunkBytes, r.Params.GetProperty("size").GetInt32()));
    }

    [Fact]
    public async Task Cat_gives_its_handle_back_when_a_read_fails()
    {
        await using var node = Files([1, 2, 3], 2);
        node.On("fs.read", _ => FakeAnswer.Error(2, "UNAUTHENTICATED", "revoked", "revoked"));
        var run = await CtlRun.Of(node, ["fs", "cat", "a.bin", .. Token]);
        Assert.Equal(1, run.Code);
        Assert.Contains("UNAUTHENTICATED (revoked)", run.Error, StringComparison.Ordinal);
        node.Only("fs.close");
    }

    [Fact]
    public async Task Cat_does_not_take_a_stuck_file_for_a_whole_one()
    {
        await using var node = Files([1], 1).On("fs.read", """{"data_b64":"","bytes_read":0,"eof":false}""");
        var run = await CtlRun.Of(node, ["fs", "cat", "a.bin", .. Token]);
        Assert.Equal(1, run.Code);
        Assert.Contains("no bytes at 0", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_token_the_ways_to_give_one_are_named()
    {
        await using var node = new FakeNode("fs").On("fs.open", _ => FakeAnswer.Error(2, "UNAUTHENTICATED", "needs a capability", "missing_token"));
        var run = await CtlRun.Of(node, "fs", "cat", "/srv/data/x");
        Assert.Equal(1, run.Code);
        Assert.Contains("give a token: --token TOKEN", run.Error, StringComparison.Ordinal);
        Assert.Contains("--prefix /srv/data --ttl", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Stat_shows_what_a_path_is()
    {
        await using var node = new FakeNode("fs").On("fs.stat", """{"kind":"file","is_dir":false,"size":7,"mode":"0644","modified":"2026-01-02T03:04:05Z"}""");
        var run = await CtlRun.Of(node, ["fs", "stat", "x", .. Token]);
        Assert.Equal("path      x\nkind      file\nsize      7\nmode      0644\nmodified  2026-01-02T03:04:05Z\n", run.Output);
    }

    /// <summary>An fs with one file, which gives at most so many bytes at a time; its params are held to the contracts.</summary>
    private static FakeNode Files(byte[] content, int atMost) => new FakeNode("registry", "fs")
        .On("fs.open", request => FakeAnswer.Result(request.Params.Deserialize(ContractsJson.Default.OpenParams) is { Mode: "r" } ? """{"handle":"h1"}""" : "{}"))
        .On("fs.close", """{"status":"closed"}""")
        .On("fs.read", request =>
        {
            var read = request.Params.Deserialize(ContractsJson.Default.ReadParams)!;
            var count = (int)Math.Min(Math.Min(atMost, read.Size), content.Length - read.Offset);
            var data = Convert.ToBase64String(content, (int)read.Offset, count);
            return FakeAnswer.Result($$"""{"data_b64":"{{data}}","bytes_read":{{count}},"eof":{{(read.Offset + count == content.Length ? "true" : "false")}}}""");
        });
}
