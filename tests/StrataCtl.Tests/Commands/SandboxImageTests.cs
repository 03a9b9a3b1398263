using Strata.StrataCtl.Tests.Fakes;

namespace Strata.StrataCtl.Tests.Commands;

public class SandboxImageTests
{
    private const string Image = """{"digest":"sha256:0123456789abcdef0123","names":["app:1","r.io/app@sha256:0"],"layers":2,"bytes":2097152,"packed_bytes":1,"stored":"2030-01-01T00:00:00.000Z","uses":1}""";

    private static readonly string[] Token = ["--token", "T"];

    [Fact]
    public async Task Ls_shows_each_name_and_leaves_out_those_that_are_digests()
    {
        await using var node = new FakeNode("registry", "sandbox").On("sandbox.image_list", $$"""{"images":[{{Image}}],"bytes":1,"max_bytes":2}""");
        var run = await CtlRun.Of(node, ["sandbox", "image", "ls", .. Token]);
        Assert.Equal(0, run.Code);
        Assert.Contains("app:1", run.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("r.io", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Validate_fails_when_something_is_not_as_it_was()
    {
        await using var node = new FakeNode("registry", "sandbox").On("sandbox.image_validate", """{"good":false,"faults":["the layer x is not what it was"]}""");
        var run = await CtlRun.Of(node, ["sandbox", "image", "validate", "app", .. Token]);
        Assert.Equal((1, "the layer x is not what it was\n"), (run.Code, run.Output));
    }

    [Fact]
    public async Task Rm_says_what_went()
    {
        await using var node = new FakeNode("registry", "sandbox").On("sandbox.image_delete", """{"images":["sha256:0"],"layers":2,"bytes":1048576}""");
        var run = await CtlRun.Of(node, ["sandbox", "image", "rm", "app", .. Token]);
        Assert.Equal((0, "sha256:0\n"), (run.Code, run.Output));
        Assert.Contains("1 images and 2 layers removed", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Pull_says_a_line_for_each_step_where_there_is_no_terminal_and_the_digest_at_the_end()
    {
        const string Far = """{"phase":"downloading","layers_done":1,"layers":2,"bytes":5,"total_bytes":10}""";
        await using var node = new FakeNode("registry", "sandbox").On("sandbox.image_pull", _ => FakeAnswer.Items(
            false, """{"phase":"resolving","layers_done":0,"layers":0,"bytes":0,"total_bytes":0}""", Far, Far,
            $$"""{"phase":"done","layers_done":2,"layers":2,"bytes":10,"total_bytes":10,"image":{{Image}}}""", """{"status":"stream_end"}"""));
        var run = await CtlRun.Of(node, ["sandbox", "image", "pull", "r.io/app:1", .. Token]);
        Assert.Equal((0, "sha256:0123456789abcdef0123\n"), (run.Code, run.Output));
        Assert.Equal(["strata-ctl: r.io/app:1: resolving", "strata-ctl: r.io/app:1: downloading, 1 of 2 layers"], run.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    [Fact]
    public async Task Import_sends_an_archive_in_pieces_and_then_has_it_imported()
    {
        using var directory = new TempDirectory();
        var file = Path.Join(directory.Path, "root.tar");
        File.WriteAllBytes(file, new byte[600_000]);
        await using var node = new FakeNode("registry", "sandbox")
            .On("sandbox.image_upload", request => FakeAnswer.Result($$"""{"offset":{{request.Params.GetProperty("offset").GetInt64() + request.Params.GetProperty("data_b64").GetBytesFromBase64().Length}}}"""))
            .On("sandbox.image_import", _ => FakeAnswer.Items(false, $$"""{"phase":"done","layers_done":2,"layers":2,"bytes":10,"total_bytes":10,"image":{{Image}}}""", """{"status":"stream_end"}"""));
        var run = await CtlRun.Of(node, ["sandbox", "image", "import", file, "base", .. Token]);
        Assert.Equal((0, "sha256:0123456789abcdef0123\n"), (run.Code, run.Output));
        Assert.Equal(600_000, node.Only("sandbox.image_import").Params.GetProperty("size").GetInt64());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(0)]
    public async Task Import_goes_on_where_an_upload_ended_in_this_run_or_an_earlier_one(int breaks)
    {
        using var directory = new TempDirectory();
        var file = Path.Join(directory.Path, "root.tar");
        File.WriteAllBytes(file, [.. Enumerable.Range(0, 1_200_000).Select(i => (byte)(i * 31 >> 3))]);
        var sent = new MemoryStream();
        sent.Write(breaks == 0 ? File.ReadAllBytes(file).AsSpan(0, 700_001) : []);
        await using var node = new FakeNode("registry", "sandbox")
            .On("sandbox.image_upload", request =>
            {
                var (offset, data) = (request.Params.GetProperty("offset").GetInt64(), request.Params.GetProperty("data_b64").GetBytesFromBase64());
                if (offset != sent.Length)
                {
                    return new FakeAnswer([$"\"error\":{{\"code\":5,\"name\":\"CONFLICT\",\"message\":\"no\",\"details\":{{\"reason\":\"upload_offset\",\"offset\":\"{sent.Length}\"}}}}"], Ok: false);
                }

                sent.Write(data);
                return sent.Length > 600_000 && Interlocked.Decrement(ref breaks) >= 0 ? throw new IOException("the answer is lost") : FakeAnswer.Result($$"""{"offset":{{sent.Length}}}""");
            })
            .On("sandbox.image_import", _ => FakeAnswer.Items(false, $$"""{"phase":"done","layers_done":2,"layers":2,"bytes":10,"total_bytes":10,"image":{{Image}}}""", """{"status":"stream_end"}"""));
        var run = await CtlRun.Of(node, ["sandbox", "image", "import", file, "base", .. Token]);
        Assert.True(run.Code == 0, run.Error);
        Assert.Contains("goes on at", run.Error, StringComparison.Ordinal);
        Assert.Equal(File.ReadAllBytes(file), sent.ToArray());
        Assert.Equal(1_200_000, node.Only("sandbox.image_import").Params.GetProperty("size").GetInt64());
    }
}
