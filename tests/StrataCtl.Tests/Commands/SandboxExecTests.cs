using System.Text.Json;
using Strata.StrataCtl.Tests.Fakes;

namespace Strata.StrataCtl.Tests.Commands;

public class SandboxExecTests
{
    private const string Ended = """{"status":"ended"}""";
    private static readonly string[] Token = ["--token", "T"];

    [Theory]
    [InlineData("\"command\":\"ls | wc\"", "exec", "work", "ls | wc")]
    [InlineData("\"argv\":[\"ls\",\"-l\"]", "exec", "work", "ls", "-l")]
    [InlineData("\"argv\":[\"ls\"]", "exec", "work", "--", "ls")]
    [InlineData("\"argv\":[\"ls\",\"--token\"]", "exec", "work", "--", "ls", "--token")]
    public async Task One_word_is_for_the_shell_and_several_or_what_stands_behind_dashes_is_a_program(string sent, params string[] words)
    {
        await using var node = new FakeNode("registry", "sandbox").On("sandbox.exec", _ => FakeAnswer.Items(staysOpen: false, End("\"exit_code\":0"), Ended));
        var run = await CtlRun.Of(node, ["sandbox", .. Token, .. words]);
        Assert.Equal((0, ""), (run.Code, run.Error));
        Assert.Contains(sent, JsonSerializer.Serialize(node.Only("sandbox.exec").Params), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(120_000)]
    [InlineData(3000, "--time", "3s")]
    [InlineData(500, "--timeout", "500ms")]
    [InlineData(3000, "--timeout", "500ms", "--time", "3s")]
    public async Task Its_time_is_what_was_said_of_it_or_of_the_call(int expected, params string[] options)
    {
        await using var node = new FakeNode("registry", "sandbox")
            .On("sandbox.exec", _ => FakeAnswer.Items(staysOpen: false, End("\"exit_code\":0"), Ended));
        Assert.Equal(0, (await CtlRun.Of(node, ["sandbox", "exec", "work", .. options, .. Token, "x"])).Code);
        Assert.Contains($"\"timeout_ms\":{expected}", JsonSerializer.Serialize(node.Only("sandbox.exec").Params), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\"exit_code\":7", 7)]
    [InlineData("\"signal\":\"SIGKILL\"", 137)]
    [InlineData("\"signal\":\"SIGTERM\"", 143)]
    public async Task It_ends_as_the_command_did(string how, int code)
    {
        await using var node = new FakeNode("registry", "sandbox").On("sandbox.exec", _ => FakeAnswer.Items(staysOpen: false, """{"stdout_b64":"b3V0"}""", End(how), Ended));
        var run = await CtlRun.Of(node, ["sandbox", "exec", "work", "x", .. Token]);
        Assert.Equal((code, "out"), (run.Code, run.Output));
    }

    [Fact]
    public async Task Run_closes_the_session_it_made_and_keeps_the_exit_code()
    {
        await using var node = new FakeNode("registry", "sandbox")
            .On("sandbox.create", Created)
            .On("sandbox.exec", _ => FakeAnswer.Items(staysOpen: false, End("\"exit_code\":3"), Ended))
            .On("sandbox.close", _ => FakeAnswer.Error(7, "UNAVAILABLE", "not now", "state_unwritable"));
        var run = await CtlRun.Of(node, ["sandbox", "run", "host", "exit 3", .. Token]);
        Assert.Equal(3, run.Code);
        Assert.Contains("not now", run.Error, StringComparison.Ordinal);
        Assert.Equal(node.Only("sandbox.create").Text("session"), node.Only("sandbox.close").Text("session"));
    }

    [Fact]
    public async Task Run_without_a_command_starts_what_the_image_has_started()
    {
        await using var node = new FakeNode("registry", "sandbox")
            .On("sandbox.create", Created.Replace("\"limits\"", "\"entrypoint\":[\"/bin/serve\"],\"command\":[\"--all\"],\"limits\"", StringComparison.Ordinal))
            .On("sandbox.exec", _ => FakeAnswer.Items(staysOpen: false, End("\"exit_code\":0"), Ended))
            .On("sandbox.close", """{"status":"closed"}""");
        Assert.Equal(0, (await CtlRun.Of(node, ["sandbox", "run", "app", .. Token])).Code);
        Assert.Equal("""["/bin/serve","--all"]""", node.Only("sandbox.exec").Params.GetProperty("argv").GetRawText());
        await using var other = new FakeNode("registry", "sandbox").On("sandbox.create", Created).On("sandbox.close", """{"status":"closed"}""");
        var run = await CtlRun.Of(other, ["sandbox", "run", "host", .. Token]);
        Assert.Contains("says nothing of what to run", run.Error, StringComparison.Ordinal);
        other.Only("sandbox.close");
    }

    [Fact]
    public async Task Run_closes_nothing_when_it_may_make_nothing()
    {
        await using var node = new FakeNode("registry", "sandbox").On("sandbox.create", _ => FakeAnswer.Error(4, "NOT_FOUND", "there is no image x", "image_not_found"));
        var run = await CtlRun.Of(node, ["sandbox", "run", "x", "true", .. Token]);
        Assert.Equal(1, run.Code);
        Assert.Contains("there is no image x", run.Error, StringComparison.Ordinal);
        Assert.DoesNotContain(node.Requests, r => r.Method is "sandbox.close" or "sandbox.exec");
    }

    [Fact]
    public async Task Background_commands_are_started_listed_and_ended()
    {
        await using var node = new FakeNode("registry", "sandbox")
            .On("sandbox.start", """{"id":"job-1"}""")
            .On("sandbox.jobs", """{"jobs":[{"id":"job-1","kind":"job","command":"make","started":"2030-01-01T12:00:00.000Z","running":false,"output_bytes":5,"exit_code":2}]}""")
            .On("sandbox.signal", """{"status":"signalled"}""");
        Assert.Equal("job-1\n", (await CtlRun.Of(node, ["sandbox", "start", "work", "make", .. Token])).Output);
        Assert.Equal("make", node.Only("sandbox.start").Text("command"));
        Assert.Contains("exit 2", (await CtlRun.Of(node, ["sandbox", "jobs", "work", .. Token])).Output, StringComparison.Ordinal);
        Assert.Equal((0, ""), ((await CtlRun.Of(node, ["sandbox", "kill", "work", "job-1", .. Token])) is var run ? run.Code : -1, run.Error));
        Assert.Equal("TERM", node.Only("sandbox.signal").Text("signal"));
    }

    private const string Created = """
        {"created":true,"session":{"session":"x","owner":"you","id":"0011223344556677","state":"running","image":"host","engine":"bubblewrap","network":"none","user":"user","hostname":"sandbox",
         "created":"2030-01-01T12:00:00.000Z","expires":"2030-01-01T12:30:00.000Z","ends_at":"2030-01-02T12:00:00.000Z","ttl_seconds":60,"limits":{}}}
        """;

    private static string End(string how) =>
        $$$"""{"end":{"duration_ms":1,"timed_out":false,"truncated":false,"stdout_bytes":0,"stderr_bytes":0,"shell_restarted":false,{{{how}}}}}""";
}
