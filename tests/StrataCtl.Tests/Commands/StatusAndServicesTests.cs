using Strata.StrataCtl.Tests.Fakes;

namespace Strata.StrataCtl.Tests.Commands;

public class StatusAndServicesTests
{
    private const string Services =
        """{"services":[{"name":"registry","state":"Healthy","pid":12,"restarts":0,"since_ms":65000,"ready_ms":40},{"name":"fs","state":"Quarantined","pid":0,"restarts":5,"since_ms":1000,"last_crash":"exit 1\u001b[2J"}],"later":1}""";

    private static FakeNode Supervisor() => new FakeNode("supervisor")
        .On("supervisor.status", """{"node_id":"local-0","uptime_sec":185,"state":"degraded","version":"0.1.0"}""")
        .On("supervisor.svc.list", Services);

    [Fact]
    public async Task Status_shows_the_node_and_its_services_in_columns()
    {
        await using var node = Supervisor();
        var run = await CtlRun.Of(node, "status");
        Assert.Equal((0, ""), (run.Code, run.Error));
        Assert.Equal(
            $"""
            node         local-0
            state        degraded
            uptime       3m 5s
            version      0.1.0
            runtime dir  {node.Directory}

            SERVICE   STATE        PID  SINCE  RESTARTS  READY IN  LAST CRASH
            registry  Healthy       12  1m 5s         0      40ms  -
            fs        Quarantined    -     1s         5         -  exit 1\x1b[2J

            """,
            run.Output);
    }

    [Fact]
    public async Task A_wide_list_says_what_enforces_the_limits()
    {
        await using var node = new FakeNode("supervisor")
            .On("supervisor.svc.list", """{"services":[{"name":"fs","state":"Healthy","pid":7,"enforced_by":"cgroup2"},{"name":"old","state":"Healthy","pid":8}]}""");
        var wide = await CtlRun.Of(node, "svc", "list", "--wide");
        Assert.Contains("ENFORCED BY", wide.Output, StringComparison.Ordinal);
        Assert.Matches(@"fs .*cgroup2 ", wide.Output);
        Assert.DoesNotContain("ENFORCED", (await CtlRun.Of(node, "svc", "list")).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Status_that_waits_shows_the_node_all_the_same_when_time_runs_out_and_ends_with_1()
    {
        await using var node = Supervisor();
        var run = await CtlRun.Of(node, "status", "--wait", "60ms");
        Assert.Equal(1, run.Code);
        Assert.Contains("Quarantined", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Status_waits_no_longer_than_needed()
    {
        await using var node = new FakeNode("supervisor")
            .On("supervisor.status", """{"node_id":"local-0","uptime_sec":1}""")
            .On("supervisor.svc.list", """{"services":[{"name":"fs","state":"Healthy","pid":7},{"name":"migrate","state":"Completed","pid":0}]}""");
        Assert.Equal(0, (await CtlRun.Of(node, "status", "--wait", "1h")).Code);
    }

    [Theory]
    [InlineData("soon")]
    [InlineData("0s")]
    public async Task Status_takes_only_a_time_to_wait(string wait)
    {
        await using var node = Supervisor();
        var run = await CtlRun.Of(node, "status", "--wait", wait);
        Assert.Equal(2, run.Code);
        Assert.Contains("--wait takes a time", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Status_as_json_is_one_document_of_both_answers()
    {
        await using var node = Supervisor();
        var run = await CtlRun.Of(node, "status", "--json");
        Assert.Equal("local-0", run.Json.GetProperty("node_id").GetString());
        Assert.Equal("exit 1\e[2J", run.Json.GetProperty("services")[1].GetProperty("last_crash").GetString());
        Assert.DoesNotContain('\e', run.Output);
    }

    [Theory]
    [InlineData(true, false, false, true)]
    [InlineData(false, false, false, false)]
    [InlineData(true, true, false, false)]
    [InlineData(true, false, true, false)]
    public async Task Colours_are_for_terminals_that_want_them(bool terminal, bool option, bool variable, bool coloured)
    {
        await using var node = Supervisor();
        var settings = new CtlSettings { Terminal = terminal, Variables = variable ? new() { ["NO_COLOR"] = "1" } : [] };
        var run = await CtlRun.Of(node, settings, option ? ["svc", "list", "--no-color"] : ["svc", "list"]);
        Assert.Equal(coloured, run.Output.Contains('\e'));
    }

    [Theory]
    [InlineData("start", "started", null)]
    [InlineData("stop", "stopped", 5000)]
    [InlineData("restart", "restarted", 5000)]
    public async Task Changes_send_the_token_and_say_what_was_done(string verb, string status, int? drainMs)
    {
        await using var node = new FakeNode("supervisor").On($"supervisor.svc.{verb}", $$"""{"status":"{{status}}"}""");
        string[] drain = drainMs is null ? [] : ["--drain", "5s"];
        var run = await CtlRun.Of(node, ["svc", verb, "fs", "--token", "T", .. drain]);
        var request = node.Only($"supervisor.svc.{verb}");
        Assert.Equal((0, $"fs {status}\n", "T", "fs"), (run.Code, run.Output, request.Token, request.Text("name")));
        if (drainMs is { } ms)
        {
            Assert.Equal(ms, request.Params.GetProperty("drain_ms").GetInt32());
            // What was left of it when the connection stood.
            Assert.InRange(request.Json.GetProperty("deadline_ms").GetInt32(), 10_000, 15_000);
        }
    }

    [Fact]
    public async Task Explain_tells_why_and_what_comes_next()
    {
        await using var node = new FakeNode("supervisor").On(
            "supervisor.svc.explain",
            """{"name":"fs","state":"Restarting","since_ms":400,"why":"it crashed","next":"start","next_in_ms":600,"waiting_for":["identity"],"crashes_in_window":2}""");
        var run = await CtlRun.Of(node, "svc", "explain", "fs");
        Assert.Contains("next         start (in 600ms)\nwaiting for  identity\ncrashes      2 within the quarantine window\n", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_unknown_service_ends_with_1_and_advice()
    {
        await using var node = new FakeNode("supervisor").On("supervisor.svc.explain", _ => FakeAnswer.Error(4, "NOT_FOUND", "no service \\\"x\\\""));
        var run = await CtlRun.Of(node, "svc", "explain", "x");
        Assert.Equal((1, ""), (run.Code, run.Output));
        Assert.Contains("supervisor.svc.explain: NOT_FOUND: no service \"x\"", run.Error, StringComparison.Ordinal);
        Assert.Contains("hint: strata-ctl svc list", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_absent_node_ends_with_3()
    {
        await using var node = new FakeNode();
        var run = await CtlRun.Of(node, "status");
        Assert.Equal((3, ""), (run.Code, run.Output));
        var json = await CtlRun.Of(node, "status", "--json");
        Assert.Equal(3, System.Text.Json.JsonDocument.Parse(json.Error).RootElement.GetProperty("exit_code").GetInt32());
    }

    [Fact]
    public async Task A_service_that_does_not_answer_in_time_ends_with_3()
    {
        await using var node = new FakeNode("supervisor").On("supervisor.status", _ => FakeAnswer.Silence);
        var run = await CtlRun.Of(node, "status", "--timeout", "50ms");
        Assert.Equal(3, run.Code);
        Assert.Contains("deadline_exceeded", run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("bogus")]
    [InlineData("")]
    [InlineData("svc")]
    [InlineData("svc stop")]
    [InlineData("svc stop fs --drain x")]
    [InlineData("status --timeout 0")]
    [InlineData("token issue --service fs")]
    [InlineData("events --from -1")]
    [InlineData("call nodot")]
    [InlineData("call a.b []")]
    [InlineData("fs cat x --json")]
    [InlineData("token show")]
    [InlineData("token show nonsense")]
    [InlineData("completion tcsh")]
    [InlineData("status @file")]
    public async Task A_wrong_command_line_ends_with_2_and_says_why(string line)
    {
        await using var node = new FakeNode();
        var run = await CtlRun.Of(node, line.Split(' ', StringSplitOptions.RemoveEmptyEntries));
        Assert.Equal((2, ""), (run.Code, run.Output));
        Assert.StartsWith("error: ", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_method_behind_options_is_pointed_to_call()
    {
        await using var node = new FakeNode();
        var run = await CtlRun.Of(node, "--json", "registry.list");
        Assert.Contains("strata-ctl call registry.list", run.Error, StringComparison.Ordinal);
    }
}
