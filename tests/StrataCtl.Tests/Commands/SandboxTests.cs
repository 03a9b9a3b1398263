using System.Text.Json;
using Strata.StrataCtl.Tests.Fakes;

namespace Strata.StrataCtl.Tests.Commands;

public class SandboxTests
{
    private const string Info = """
        {"session":"work","owner":"you","id":"0011223344556677","state":"running","image":"host","engine":"bubblewrap","network":"none","user":"user","hostname":"sandbox",
         "created":"2030-01-01T12:00:00.000Z","expires":"2030-01-01T12:30:00.000Z","ends_at":"2030-01-02T12:00:00.000Z","ttl_seconds":1800,
         "limits":{"memory_bytes":268435456,"cpus":0.5,"pids":64},"enforced_by":"cgroup2"}
        """;

    private static readonly string[] Token = ["--token", "T"];

    [Fact]
    public async Task Create_sends_what_was_asked_and_takes_secrets_from_the_environment()
    {
        await using var node = new FakeNode("registry", "sandbox").On("sandbox.create", $$"""{"created":true,"session":{{Info}}}""");
        var settings = new CtlSettings { Variables = { ["API_KEY"] = "hunter2" } };
        var run = await CtlRun.Of(node, settings,
            [
                "sandbox", "create", "work", "--memory", "256M", "--cpus", "0.5", "--pids", "64", "--disk", "1G", "--network", "none", "--env", "A=1=2", "--env", "B=", "--secret", "API_KEY",
                "--ttl", "30m", "--label", "for=tests", "--user", "root", .. Token,
            ]);
        Assert.Equal((0, ""), (run.Code, run.Error));
        Assert.Contains("memory 256", run.Output, StringComparison.Ordinal);
        var sent = node.Only("sandbox.create").Params;
        Assert.Equal(
            JsonSerializer.Serialize(JsonDocument.Parse("""
                {"session":"work","limits":{"memory_bytes":268435456,"cpus":0.5,"pids":64,"disk_bytes":1073741824},"require_limits":false,"network":"none","environment":{"A":"1=2","B":""},
                 "secrets":{"API_KEY":"hunter2"},"user":"root","ttl_seconds":1800,"shared_workspace":false,"labels":{"for":"tests"},"user_namespaces":false}
                """)),
            JsonSerializer.Serialize(sent));
    }

    [Fact]
    public async Task Create_sends_what_may_be_reached_and_placeholders_with_values_of_the_environment()
    {
        await using var node = new FakeNode("registry", "sandbox").On("sandbox.create", $$"""{"created":true,"session":{{Info}}}""");
        var settings = new CtlSettings { Variables = { ["API_KEY"] = "hunter2" } };
        var run = await CtlRun.Of(node, settings,
            ["sandbox", "create", "work", "--network", "proxy", "--allow", "a.example", "--allow", "*.b.example@443,8443", "--placeholder", "API_KEY=api.example,http://b.example:8080", .. Token]);
        Assert.Equal((0, ""), (run.Code, run.Error));
        var sent = node.Only("sandbox.create").Params;
        Assert.Equal("""[{"to":"a.example"},{"to":"*.b.example","ports":[443,8443]}]""", JsonSerializer.Serialize(sent.GetProperty("allow")));
        Assert.Equal("""{"API_KEY":{"value":"hunter2","hosts":["api.example","http://b.example:8080"]}}""", JsonSerializer.Serialize(sent.GetProperty("placeholders")));
    }

    [Fact]
    public async Task Create_says_which_placeholders_leave_what_programs_encrypt_alone()
    {
        await using var node = new FakeNode("registry", "sandbox").On("sandbox.create", $$"""{"created":true,"session":{{Info}}}""");
        var settings = new CtlSettings { Variables = { ["API_KEY"] = "hunter2" } };
        var run = await CtlRun.Of(node, settings, ["sandbox", "create", "work", "--network", "proxy", "--placeholder", "API_KEY=api.example", "--clear-only", .. Token]);
        Assert.Equal((0, ""), (run.Code, run.Error));
        Assert.Equal("""{"API_KEY":{"value":"hunter2","hosts":["api.example"],"clear_only":true}}""", JsonSerializer.Serialize(node.Only("sandbox.create").Params.GetProperty("placeholders")));
    }

    [Fact]
    public async Task Network_shows_what_may_be_reached_and_changes_it()
    {
        const string Result = """
            {"network":"proxy","allow":[{"to":"a.example"},{"to":"10.0.0.0/8","ports":[5432]}],"open":1,"max_open":128,"connections":7,"denied":3,"sent_bytes":10,"received_bytes":2048}
            """;
        await using var node = new FakeNode("registry", "sandbox").On("sandbox.network", Result);
        var run = await CtlRun.Of(node, ["sandbox", "network", "work", .. Token]);
        Assert.Equal((0, ""), (run.Code, run.Error));
        Assert.Contains("a.example, 10.0.0.0/8@5432", run.Output, StringComparison.Ordinal);
        Assert.False(node.Only("sandbox.network").Params.TryGetProperty("allow", out _));
    }

    [Fact]
    public async Task Network_takes_everything_away_when_told_so()
    {
        await using var node = new FakeNode("registry", "sandbox").On("sandbox.network", """{"network":"proxy","allow":[],"open":0,"max_open":128,"connections":0,"denied":0,"sent_bytes":0,"received_bytes":0}""");
        var run = await CtlRun.Of(node, ["sandbox", "network", "work", "--nothing", .. Token]);
        Assert.Equal((0, ""), (run.Code, run.Error));
        Assert.Equal("[]", node.Only("sandbox.network").Params.GetProperty("allow").GetRawText());
        Assert.Contains("nothing", run.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("expose takes loopback alone", "sandbox", "expose", "work", "8000", "--listen", "0.0.0.0:8000")]
    [InlineData("expose needs a port to listen on", "sandbox", "expose", "work", "8000", "--listen", "127.0.0.1")]
    [InlineData("expose needs a port inside", "sandbox", "expose", "work", "70000")]
    [InlineData("network takes ports", "sandbox", "network", "work", "--allow", "a.example@http")]
    [InlineData("network takes one of two", "sandbox", "network", "work", "--allow", "a.example", "--nothing")]
    public async Task What_the_network_cannot_be_is_refused_before_anything_is_sent(string why, params string[] arguments)
    {
        await using var node = new FakeNode("registry", "sandbox");
        var run = await CtlRun.Of(node, [.. arguments, .. Token]);
        Assert.True(run.Code == 2, $"{why}: {run.Code} {run.Error}");
        Assert.NotEmpty(run.Error);
    }

    [Fact]
    public async Task Create_says_when_the_session_was_there_and_is_another()
    {
        await using var node = new FakeNode("registry", "sandbox").On("sandbox.create", $$"""{"created":false,"session":{{Info}},"differs":["limits.pids","image"]}""");
        var run = await CtlRun.Of(node, ["sandbox", "create", "work", "-q", .. Token]);
        Assert.Equal((0, "work\n"), (run.Code, run.Output));
        Assert.Contains("limits.pids, image", run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--env", "A", "--env takes NAME=VALUE")]
    [InlineData("--label", "=x", "--label takes NAME=VALUE")]
    [InlineData("--secret", "UNSET", "the variable UNSET is not set")]
    public async Task What_cannot_be_meant_is_refused_before_anything_is_sent(string option, string value, string said)
    {
        await using var node = new FakeNode("registry", "sandbox");
        var run = await CtlRun.Of(node, ["sandbox", "create", option, value, .. Token]);
        Assert.Equal(2, run.Code);
        Assert.Contains(said, run.Error, StringComparison.Ordinal);
        Assert.DoesNotContain(node.Requests, r => r.Method == "sandbox.create");
    }

    [Fact]
    public async Task Ps_follows_its_pages()
    {
        await using var node = new FakeNode("registry", "sandbox").On("sandbox.list", request => FakeAnswer.Result(
            request.Params.TryGetProperty("cursor", out _)
                ? $$"""{"sessions":[{{Info.Replace("\"work\"", "\"also\"", StringComparison.Ordinal)}}]}"""
                : $$"""{"sessions":[{{Info}}],"next":"0011223344556677"}"""));
        var run = await CtlRun.Of(node, ["sandbox", "ps", "--label", "for=tests", .. Token]);
        Assert.Equal(0, run.Code);
        Assert.Equal(["SESSION", "also", "work"], run.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => l.Split(' ')[0]));
        Assert.All(node.Requests.Where(r => r.Method == "sandbox.list"), r => Assert.Equal("tests", r.Params.GetProperty("labels").GetProperty("for").GetString()));
    }

    [Theory]
    [InlineData("pause", "paused")]
    [InlineData("resume", "running")]
    [InlineData("close", "closed")]
    public async Task The_life_of_a_session_is_said_in_a_word(string command, string status)
    {
        await using var node = new FakeNode("registry", "sandbox").On("sandbox." + command, $$"""{"status":"{{status}}"}""");
        var run = await CtlRun.Of(node, ["sandbox", command, "work", .. Token]);
        Assert.Equal((0, $"work is {status}\n"), (run.Code, run.Output));
        Assert.Equal("work", node.Only("sandbox." + command).Text("session"));
    }

    [Fact]
    public async Task Doctor_tells_what_is_lacking_and_fails_when_no_sandbox_can_be_made()
    {
        await using var node = new FakeNode("registry", "sandbox").On("sandbox.doctor",
            """{"engine":"bubblewrap","usable":false,"sessions":0,"max_sessions":1000,"findings":[{"name":"bubblewrap","good":false,"what":"is not installed","remedy":"apt-get install bubblewrap"}]}""");
        var run = await CtlRun.Of(node, ["sandbox", "doctor", .. Token]);
        Assert.Equal(1, run.Code);
        Assert.Contains("apt-get install bubblewrap", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_missing_session_is_answered_with_what_to_do()
    {
        await using var node = new FakeNode("registry", "sandbox").On("sandbox.stats", _ => FakeAnswer.Error(4, "NOT_FOUND", "you have no such session", "session_not_found"));
        var run = await CtlRun.Of(node, ["sandbox", "stats", "work", .. Token]);
        Assert.Equal(1, run.Code);
        Assert.Contains("strata-ctl sandbox ps", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Bounds_of_sandboxes_go_into_a_capability()
    {
        await using var node = new FakeNode("registry", "identity", "sandbox").On("identity.issue", """{"token":"t","cap_id":"00112233445566778899aabbccddeeff","expires":1}""");
        var run = await CtlRun.Of(node,
            [
                "token", "issue", "-q", "--service", "sandbox", "--rights", "sandbox.create", "--images", "host,python:*", "--max-memory", "256M", "--max-cpus", "0.5", "--max-pids", "64",
                "--max-disk", "1G", "--max-sessions", "3", "--networks", "none,proxy", "--domains", "*.example.org", "--commands", "/usr/bin/git",
            ]);
        Assert.Equal(0, run.Code);
        Assert.Equal(
            """{"images":["host","python:*"],"max_memory_bytes":268435456,"max_cpu_millis":500,"max_pids":64,"max_disk_bytes":1073741824,"max_sessions":3,"networks":["none","proxy"],"domains":["*.example.org"],"commands":["/usr/bin/git"]}""",
            node.Only("identity.issue").Params.GetProperty("sandbox").GetRawText());
    }
}
