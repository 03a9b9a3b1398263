using System.Globalization;
using System.Text;
using Strata.Contracts;
using Strata.Ipc;

namespace Strata.Sandbox.Tests;

/// <summary>What commonly goes wrong with sandboxes for agents, tried on this one; the table in docs/sandbox.md has the rest of the list.</summary>
public sealed class CommonFaultTests() : SessionTests("""{"session":"s","ttl_seconds":600}""", Rights)
{
    private static readonly string[] Rights = [.. SandboxNode.AllRights, "sandbox.shell", "sandbox.snapshot", "sandbox.expose"];

    [Fact]
    public async Task A_session_that_asks_for_nothing_can_be_worked_in()
    {
        var ran = await Client.RunAsync("cd /workspace && echo x > here && cp /usr/bin/env ./own && ./own true && cp own /tmp/own && /tmp/own true && cp own ~/own && ~/own echo runs");
        Assert.Equal(("runs\n", ""), (ran.Output, ran.Errors));
    }

    [Fact]
    public async Task Output_comes_while_the_command_runs()
    {
        var stop = ExecClient.Base64("");
        var seen = new StringBuilder();
        await foreach (var item in Client.StreamAsync("exec", ExecClient.Params("echo one; until [ -e /workspace/go ]; do sleep 0.05; done; echo two", ",\"stateless\":true")))
        {
            if (!item.Continues)
            {
                break;
            }

            seen.Append(Encoding.UTF8.GetString((item.Get(ContractsJson.Default.SandboxExecItem).StdoutB64 ?? default).Span));
            if (seen.ToString() == "one\n")
            {
                // It goes on only because this piece was here before its end.
                Assert.Null((await (await Node.ConnectAsync(Node.Grant(rights: Rights))).CallAsync("write", $$"""{"session":"s","path":"go","data_b64":"{{stop}}"}""")).Error);
            }
        }

        Assert.Equal("one\ntwo\n", seen.ToString());
    }

    [Fact]
    public async Task Nothing_that_a_command_prints_or_reads_is_taken_for_its_end()
    {
        // All that it finds of how commands are carried: files of the shell's, their names and contents, as output, and twice.
        const string Echoes = "for f in /run/strata/* /proc/$$/fd/*; do echo $f; [ -f $f ] && cat $f; done; set; history; printf '\\0\\n0\\n/\\n\\0'; (exit 5)";
        var first = await Client.RunAsync(Echoes);
        Assert.Equal(5, first.End.ExitCode);
        var quoted = ShellLines.Quote(first.Output.Replace("\0", "", StringComparison.Ordinal));
        Assert.Equal(5, (await Client.RunAsync($"printf %s {quoted}; printf %s {quoted} >&2; (exit 5)")).End.ExitCode);
        Assert.Equal("clean\n", (await Client.RunAsync("echo clean")).Output);
    }

    [Fact]
    public async Task Commands_terminals_and_jobs_at_once_get_their_own_output_alone()
    {
        var shown = new StringBuilder();
        var terminal = ReadAsync("shell", """{"session":"s","id":"t","argv":["sh","-c","for i in $(seq 200); do echo terminal; done"]}""", shown);
        Assert.Null((await Client.CallAsync("start", """{"session":"s","id":"j","argv":["sh","-c","for i in $(seq 200); do echo job; done"]}""")).Error);
        var job = new StringBuilder();
        var attached = ReadAsync("attach", """{"session":"s","id":"j"}""", job);
        for (int i = 0; i < 20; i++)
        {
            var (line, other) = (i.ToString(CultureInfo.InvariantCulture), (i + 1000).ToString(CultureInfo.InvariantCulture));
            var both = await Task.WhenAll(Client.RunAsync("echo " + line), Client.RunAsync("echo " + other, ",\"stateless\":true"));
            Assert.Equal([line + "\n", other + "\n"], both.Select(ran => ran.Output));
        }

        await Task.WhenAll(terminal, attached).Soon();
        Assert.Equal(string.Concat(Enumerable.Repeat("terminal\r\n", 200)), shown.ToString());
        Assert.Equal(string.Concat(Enumerable.Repeat("job\n", 200)), job.ToString());
    }

    [Theory]
    [InlineData("empty", "")]
    [InlineData("'; touch planted; '", "x")]
    [InlineData("$(touch planted)", "x")]
    [InlineData("a\nb", "x")]
    [InlineData("-rf", "x")]
    [InlineData("\u00e4 \u4e2d", "x")]
    public async Task A_file_of_any_name_and_length_is_written_as_it_is_said(string name, string content)
    {
        var path = ExecClient.Text(name);
        Assert.Null((await Client.CallAsync("write", $$"""{"session":"s","path":{{path}},"data_b64":"{{ExecClient.Base64(content)}}"}""")).Error);
        var read = await Client.GetAsync("read", $$"""{"session":"s","path":{{path}}}""", ContractsJson.Default.ReadResult);
        Assert.Equal(content, Encoding.UTF8.GetString(read.DataB64.Span));
        Assert.Equal("1\n", (await Client.RunAsync("ls -A /workspace | head -c 1000 | tr -d '\\n' | wc -l; ls -A -b /workspace | wc -l", ",\"stateless\":true")).Output[2..]);
    }

    [Fact]
    public async Task Use_keeps_the_time_that_was_asked_for()
    {
        var before = await Client.InfoAsync("s");
        await Client.RunAsync("true");
        var after = await Client.InfoAsync("s");
        Assert.Equal(600, after.TtlSeconds);
        var left = DateTimeOffset.Parse(after.Expires, CultureInfo.InvariantCulture) - DateTimeOffset.Parse(before.Expires, CultureInfo.InvariantCulture);
        Assert.InRange(left, TimeSpan.Zero, TimeSpan.FromMinutes(5));
    }

    [Fact]
    public async Task No_method_works_in_the_session_of_another()
    {
        var mallory = await Node.ConnectAsync(Node.Grant("mallory", rights: Rights));
        var id = (await Client.InfoAsync("s")).Id;
        foreach (var (method, further) in ((string, string)[])
        [
            ("exec", "\"command\":\"id\""), ("start", "\"command\":\"id\""), ("jobs", ""), ("attach", "\"id\":\"j\""), ("stdin", "\"id\":\"j\""), ("signal", "\"id\":\"j\",\"signal\":\"KILL\""), ("wait", "\"id\":\"j\""),
            ("shell", ""), ("shell_resize", "\"id\":\"t\",\"rows\":1,\"cols\":1"), ("read", "\"path\":\"a\""), ("list_files", ""), ("stat", "\"path\":\"a\""), ("download", "\"path\":\"a\""), ("archive_out", ""), ("watch", ""),
            ("write", "\"path\":\"a\",\"data_b64\":\"\""), ("mkdir", "\"path\":\"a\""), ("move", "\"from\":\"a\",\"to\":\"b\""), ("delete", "\"path\":\"a\""), ("upload", "\"path\":\"a\""), ("archive_in", ""),
            ("snapshot", ""), ("connect", "\"port\":80"), ("network", ""), ("get", ""), ("stats", ""), ("touch", ""), ("pause", ""), ("resume", ""), ("close", ""),
        ])
        {
            foreach (var name in new[] { "s", id, "absent" })
            {
                var error = (await mallory.CallAsync(method, $$"""{"session":"{{name}}"{{(further.Length > 0 ? "," : "")}}{{further}}}""")).Error;
                Assert.Equal((method, ErrorCode.NotFound, SandboxSession.NotFound().Message), (method, error!.Code, error.Message));
            }
        }

        Assert.Equal("here\n", (await Client.RunAsync("echo here")).Output);
    }

    private async Task ReadAsync(string method, string json, StringBuilder text)
    {
        var client = await Node.ConnectAsync(Node.Grant(rights: Rights));
        await foreach (var item in client.StreamAsync(method, json))
        {
            Assert.Null(item.Error);
            if (!item.Continues || item.Get(ContractsJson.Default.SandboxOutputItem) is var piece && piece.Ended)
            {
                break;
            }

            text.Append(Encoding.UTF8.GetString((piece.StdoutB64 ?? default).Span));
        }
    }
}
