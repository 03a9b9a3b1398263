using Strata.StrataCtl.Commands;
using Strata.StrataCtl.Completion;
using Strata.StrataCtl.Tests.Fakes;

namespace Strata.StrataCtl.Tests.Commands;

public class LogsTests
{
    private const string Plain = """{"seq":1,"time":"2026-01-02T03:04:05.678Z","service":"web","stream":"stdout","incarnation":1,"text":"hello \u001B[2J"}""";
    private const string Structured =
        """{"seq":2,"time":"2026-01-02T03:04:06.678Z","service":"fs","stream":"stderr","incarnation":2,"text":"time=...","fields":{"level":"error","msg":"it broke","exception":"at x"}}""";

    private const string Note = """{"seq":3,"time":"2026-01-02T03:04:07.678Z","service":"web","stream":"note","incarnation":1,"text":"5 lines lost","lost":5}""";
    private const string Live = """{"seq":4,"time":"2026-01-02T03:04:08.678Z","service":"web","stream":"stdout","incarnation":1,"text":"later","cut":true}""";

    private static FakeNode Supervisor(bool staysOpen = true, string missed = "") => new FakeNode("supervisor").On("supervisor.logs", _ => FakeAnswer.Items(
        staysOpen,
        [
        $$"""{"lines":[{{Plain}},{{Structured}}],"next_seq":3,"caught_up":false}""",
        $$"""{"lines":[{{Note}}],"next_seq":4,"caught_up":true{{missed}}}""",
        $$"""{"lines":[{{Live}}],"next_seq":5,"caught_up":true}""",
        .. staysOpen ? Array.Empty<string>() : ["""{"status":"ended"}"""],
        ]));

    [Fact]
    public async Task Kept_lines_are_shown_safely_and_the_command_ends_where_they_end()
    {
        await using var node = Supervisor();
        var run = await CtlRun.Of(node, "logs", "web", "fs", "-n", "5");
        Assert.Equal(0, run.Code);
        Assert.Equal(
            """
            2026-01-02T03:04:05.678Z web          hello \x1b[2J
            2026-01-02T03:04:06.678Z fs           it broke: at x
            2026-01-02T03:04:07.678Z web          -- 5 lines lost --

            """,
            run.Output);
        var sent = node.Only("supervisor.logs");
        Assert.True(sent.Json.GetProperty("more").GetBoolean());
        Assert.Equal("""{"names":["web","fs"],"limit":5}""", sent.Params.GetRawText());
    }

    [Fact]
    public async Task Followed_lines_go_on_and_missing_ones_are_told_on_standard_error()
    {
        await using var node = Supervisor(staysOpen: false, missed: ",\"missed\":7");
        var run = await CtlRun.Of(node, "logs", "-f");
        Assert.Equal(0, run.Code);
        Assert.EndsWith("2026-01-02T03:04:08.678Z web          later [cut]\n", run.Output, StringComparison.Ordinal);
        Assert.Contains("7 lines are missing here", run.Error, StringComparison.Ordinal);
        Assert.Equal("{}", node.Only("supervisor.logs").Params.GetRawText());
    }

    [Fact]
    public async Task As_json_each_line_is_one_document_as_the_supervisor_sent_it()
    {
        await using var node = Supervisor();
        var run = await CtlRun.Of(node, "logs", "--json", "--stream", "stderr", "--since", "17");
        Assert.Equal([Plain, Structured, Note, ""], run.Output.Split('\n'));
        Assert.Equal("""{"since_seq":17,"stream":"stderr"}""", node.Only("supervisor.logs").Params.GetRawText());
    }

    [Fact]
    public async Task On_a_terminal_services_and_trouble_have_colours()
    {
        await using var node = Supervisor();
        var run = await CtlRun.Of(node, new CtlSettings { Terminal = true }, "logs");
        Assert.Contains("\e[31mit broke", run.Output, StringComparison.Ordinal);
        Assert.Contains("\e[33m-- 5 lines lost --", run.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("\e[2J", run.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--since", "teatime")]
    [InlineData("-n", "0")]
    [InlineData("-n", "100001")]
    [InlineData("--stream", "stdin")]
    public async Task A_wrong_option_is_said_before_anything_is_asked(string option, string value)
    {
        await using var node = Supervisor();
        var run = await CtlRun.Of(node, "logs", option, value);
        Assert.Equal(2, run.Code);
        Assert.Empty(node.Requests);
    }

    [Theory]
    [InlineData("10m", null, "2030-01-01T11:50:00.000Z")]
    [InlineData("2030-01-01T10:00:00+01:00", null, "2030-01-01T09:00:00.000Z")]
    [InlineData("2030-01-01 10:00", null, "2030-01-01T10:00:00.000Z")]
    [InlineData("2030-01-01", null, "2030-01-01T00:00:00.000Z")]
    [InlineData("42", 42L, null)]
    public void Since_is_a_time_a_span_or_a_number(string text, long? sequence, string? time) =>
        Assert.Equal(new LogsSince(sequence, time), LogsSince.Parse(text, new DateTimeOffset(2030, 1, 1, 12, 0, 0, TimeSpan.Zero)));

    [Fact]
    public async Task Names_are_completed_from_the_node()
    {
        await using var node = new FakeNode("supervisor").On("supervisor.svc.list", """{"services":[{"name":"fs","state":"Healthy","pid":1},{"name":"web","state":"Healthy","pid":1}]}""");
        var run = await CtlRun.Of(node, CompletionCandidates.CommandName, "logs", "w");
        Assert.Equal("web\n", run.Output);
    }

    [Fact]
    public async Task Help_has_examples()
    {
        await using var node = new FakeNode();
        Assert.Contains("strata-ctl logs -f --json | jq -r .text", (await CtlRun.Of(node, "logs", "--help")).Output, StringComparison.Ordinal);
    }
}
