using System.Text;
using Strata.Contracts;
using Strata.Ipc;

namespace Strata.Sandbox.Tests;

/// <summary>Background commands and terminals through the service's socket.</summary>
public sealed class JobTests() : SessionTests(rights: ["sandbox.create", "sandbox.exec", "sandbox.shell"])
{
    [Fact]
    public async Task A_job_is_attached_left_and_attached_again_where_that_was()
    {
        var id = await StartAsync("""{"session":"s","command":"echo one; read go; echo two >&2; exit 3","stdin_open":true,"id":"mine"}""");
        Assert.Equal("mine", id);
        var first = await ReadAsync(id, 0, until: "one\n");
        await InputAsync(id, "go\n");
        var rest = await ReadAsync(id, first.Next, until: null);
        Assert.Equal("[two\n]", rest.Text);
        Assert.Equal(3, rest.Last.ExitCode);
        Assert.Equal("one\n[two\n]", (await ReadAsync(id, 0, until: null)).Text);
        var job = Assert.Single((await Client.GetAsync("jobs", """{"session":"s"}""", ContractsJson.Default.SandboxJobsResult)).Jobs);
        Assert.Equal(("mine", "job", false, 3, 8L), (job.Id, job.Kind, job.Running, job.ExitCode, job.OutputBytes));
    }

    [Fact]
    public async Task Who_attaches_late_is_told_what_is_lost()
    {
        var id = await StartAsync("""{"session":"s","command":"head -c 3000000 /dev/zero; echo end"}""");
        Assert.False((await WaitAsync(id)).Running);
        var read = await ReadAsync(id, 10, until: null);
        Assert.EndsWith("end\n", read.Text, StringComparison.Ordinal);
        Assert.Equal(3_000_004, read.Next);
        Assert.Equal(3_000_004 - ExecLimits.RingBytes - 10, read.Lost);
    }

    [Theory]
    [InlineData("TERM", "SIGTERM")]
    [InlineData("KILL", "SIGKILL")]
    public async Task A_signal_ends_a_job(string signal, string ended)
    {
        var id = await StartAsync("""{"session":"s","argv":["sleep","1000"]}""");
        await StatusAsync("signal", $$"""{"session":"s","id":"{{id}}","signal":"{{signal}}"}""");
        Assert.Equal(ended, (await WaitAsync(id)).Signal);
    }

    [Fact]
    public async Task Jobs_are_bounded_and_those_that_ended_make_room()
    {
        for (var i = 0; i < ExecLimits.MaxJobs; i++)
        {
            await StartAsync($$"""{"session":"s","argv":["sleep","1000"],"id":"j{{i}}"}""");
        }

        await Client.ErrorAsync("start", """{"session":"s","argv":["sleep","1000"]}""", ErrorCode.ResourceExhausted, "too_many_jobs");
        await StatusAsync("signal", """{"session":"s","id":"j5","signal":"KILL"}""");
        await WaitAsync("j5");
        await ReadAsync("j5", 0, until: null);
        await StartAsync("""{"session":"s","argv":["sleep","1000"],"id":"more"}""");
        await Client.ErrorAsync("wait", """{"session":"s","id":"j5"}""", ErrorCode.NotFound, "job_not_found");
        await Client.ErrorAsync("start", """{"session":"s","argv":["true"],"id":"more"}""", ErrorCode.Conflict, "job_exists");
    }

    [Fact]
    public async Task A_terminal_is_one_has_its_size_and_stays_when_left()
    {
        var id = "";
        await foreach (var item in Stream("shell", """{"session":"s","id":"t","rows":30,"cols":100}"""))
        {
            id = item.Id;
            await InputAsync(id, "stty size; tty; echo left-$((6*7))\n");
            break;
        }

        var text = (await ReadAsync(id, 0, until: "left-42")).Text;
        Assert.Contains("30 100", text, StringComparison.Ordinal);
        Assert.Contains("/dev/pts/", text, StringComparison.Ordinal);
        await StatusAsync("shell_resize", """{"session":"s","id":"t","rows":11,"cols":22}""");
        await InputAsync(id, "stty size\n");
        await ReadAsync(id, 0, until: "11 22");
        await InputAsync(id, "sh -c 'echo sleeps-$((1+1)); exec sleep 1000'\n");
        await ReadAsync(id, 0, until: "sleeps-2");
        await InputAsync(id, "\u0003");
        await ReadAsync(id, 0, until: "^C");
        await InputAsync(id, "exit 9\n");
        Assert.Equal(9, (await WaitAsync(id)).ExitCode);
    }

    [Fact]
    public async Task Several_terminals_run_at_once()
    {
        var both = await Task.WhenAll(new[] { "a", "b" }.Select(async id =>
        {
            await foreach (var item in Stream("shell", $$"""{"session":"s","id":"{{id}}","argv":["sh"]}"""))
            {
                break;
            }

            await InputAsync(id, $"echo i-am-$((1+1))-{id}\n");
            return (await ReadAsync(id, 0, until: $"i-am-2-{id}")).Text;
        }));
        Assert.DoesNotContain("-b", both[0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Input_of_a_command_is_streamed_and_ended()
    {
        foreach (var (stateless, id) in new[] { ("false", "x"), ("true", "y") })
        {
            var ran = Client.RunAsync("cat; echo end", $$""","stdin_open":true,"stateless":{{stateless}},"id":"{{id}}" """);
            await Patience.UntilAsync(async () => (await Client.CallAsync("stdin", Input(id, "one\n"))).Error is null);
            await StatusAsync("stdin", $$"""{"session":"s","id":"{{id}}","data_b64":"{{ExecClient.Base64("two\n")}}","eof":true}""");
            Assert.Equal("one\ntwo\nend\n", (await ran).Output);
            await Client.ErrorAsync("stdin", Input(id, "x"), ErrorCode.NotFound, "job_not_found");
        }
    }

    [Fact]
    public async Task Only_the_programs_that_a_capability_names_are_run()
    {
        var capability = Node.Grant(rights: ["sandbox.exec", "sandbox.shell"], bounds: new Policy.SandboxBounds { Commands = Policy.NameList.Of(["/usr/bin/echo", "/usr/bin/sleep"]) });
        var client = await Node.ConnectAsync(capability);
        foreach (var ok in new[] { """["echo","hi"]""", """["/usr/bin/echo","hi"]""" })
        {
            Assert.Null((await client.CallAsync("exec", $$"""{"session":"s","argv":{{ok}}}""")).Error);
        }

        foreach (var wrong in new[] { "\"command\":\"echo hi\"", "\"command\":\"echo hi\",\"stateless\":true", "\"argv\":[\"/usr/bin/env\",\"echo\"]", "\"argv\":[\"./echo\"]", "\"argv\":[\"/usr/bin/../bin/echo\"]" })
        {
            await client.ErrorAsync("exec", $"{{\"session\":\"s\",{wrong}}}", ErrorCode.PermissionDenied, "command_not_allowed");
            await client.ErrorAsync("start", $"{{\"session\":\"s\",{wrong.Replace(",\"stateless\":true", "", StringComparison.Ordinal)}}}", ErrorCode.PermissionDenied, "command_not_allowed");
        }

        await client.ErrorAsync("shell", """{"session":"s"}""", ErrorCode.PermissionDenied, "command_not_allowed");
    }

    [Theory]
    [InlineData("""{"session":"s"}""", ErrorCode.InvalidArgument, null)]
    [InlineData("""{"session":"s","command":"a","argv":["b"]}""", ErrorCode.InvalidArgument, null)]
    [InlineData("""{"session":"s","argv":[]}""", ErrorCode.InvalidArgument, null)]
    [InlineData("""{"session":"s","argv":["a\u0000b"]}""", ErrorCode.InvalidArgument, null)]
    [InlineData("""{"session":"s","command":"a","env":{"1A":"b"}}""", ErrorCode.InvalidArgument, null)]
    [InlineData("""{"session":"s","command":"a","stdin_open":true}""", ErrorCode.InvalidArgument, null)]
    [InlineData("""{"session":"s","command":"a","id":"a/b"}""", ErrorCode.InvalidArgument, null)]
    [InlineData("""{"session":"s","command":"a","max_output_bytes":1000000}""", ErrorCode.InvalidArgument, null)]
    [InlineData("""{"session":"other","command":"a"}""", ErrorCode.NotFound, "session_not_found")]
    [InlineData("""{"session":"s","argv":["no-such-program"]}""", ErrorCode.NotFound, "program_not_found")]
    [InlineData("""{"session":"s","argv":["/etc/passwd"]}""", ErrorCode.PermissionDenied, "program_refused")]
    [InlineData("""{"session":"s","argv":["true"],"cwd":"/nowhere"}""", ErrorCode.NotFound, "no_directory")]
    public async Task What_cannot_be_run_is_refused_in_words(string json, ErrorCode code, string? reason) => await Client.ErrorAsync("exec", json, code, reason);

    private async Task<string> StartAsync(string json) => (await Client.GetAsync("start", json, ContractsJson.Default.SandboxStartResult)).Id;

    private Task<SandboxJob> WaitAsync(string id) => Client.GetAsync("wait", $$"""{"session":"s","id":"{{id}}"}""", ContractsJson.Default.SandboxJob);

    private Task<StatusResult> StatusAsync(string method, string json) => Client.GetAsync(method, json, ContractsJson.Default.StatusResult);

    private Task<StatusResult> InputAsync(string id, string text) => StatusAsync("stdin", Input(id, text));

    private static string Input(string id, string text) => $$"""{"session":"s","id":"{{id}}","data_b64":"{{ExecClient.Base64(text)}}"}""";

    private async IAsyncEnumerable<SandboxOutputItem> Stream(string method, string json)
    {
        await foreach (var item in Client.StreamAsync(method, json))
        {
            Assert.Null(item.Error);
            if (item.Continues)
            {
                yield return item.Get(ContractsJson.Default.SandboxOutputItem);
            }
        }
    }

    /// <summary>Reads until a text was seen, or to the end; standard error in brackets.</summary>
    private async Task<(string Text, long Next, long Lost, SandboxOutputItem Last)> ReadAsync(string id, long offset, string? until)
    {
        var (text, lost) = (new StringBuilder(), 0L);
        await foreach (var item in Stream("attach", $$"""{"session":"s","id":"{{id}}","offset":{{offset}}}"""))
        {
            text.Append(Encoding.UTF8.GetString((item.StdoutB64 ?? default).Span));
            text.Append(item.StderrB64 is { } errors ? $"[{Encoding.UTF8.GetString(errors.Span)}]" : "");
            lost += item.Lost;
            if (item.Ended || (until is not null && text.ToString().Contains(until, StringComparison.Ordinal)))
            {
                return (text.ToString(), item.NextOffset, lost, item);
            }
        }

        throw new InvalidOperationException("the stream ended without saying so");
    }
}
