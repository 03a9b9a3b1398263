using System.Text.Json;
using Strata.StrataCtl.Completion;
using Strata.StrataCtl.Tests.Fakes;

namespace Strata.StrataCtl.Tests.Commands;

/// <summary>What the commands for sandboxes tell a person.</summary>
public class SandboxWordsTests
{
    private const string Head = """
        "session":"work","owner":"you","id":"0011223344556677","image":"host","engine":"bubblewrap","network":"none","user":"user","hostname":"sandbox","created":"2030-01-01T12:00:00.000Z",
        "expires":"2030-01-01T12:30:00.000Z","ends_at":"2030-01-02T12:00:00.000Z","ttl_seconds":1800,"limits":{"memory_bytes":268435456}
        """;

    private static readonly string[] Token = ["--token", "T"];

    [Fact]
    public async Task Create_says_which_limits_nothing_holds_and_what_to_do_and_a_script_hears_nothing_of_it()
    {
        const string Made = $$"""{"created":true,"session":{{{Head}},"state":"running","enforced_by":"rlimit","not_enforced":["cpus"]} }""";
        await using var node = new FakeNode("registry", "sandbox").On("sandbox.create", Made);
        var run = await CtlRun.Of(node, ["sandbox", "create", "work", .. Token]);
        Assert.Equal(0, run.Code);
        Assert.Contains("work goes without a limit of cpus", run.Error, StringComparison.Ordinal);
        Assert.Contains("strata-ctl sandbox doctor", run.Error, StringComparison.Ordinal);
        Assert.Contains("rlimit, of each process by itself; not enforced: cpus", run.Output, StringComparison.Ordinal);
        run = await CtlRun.Of(node, ["sandbox", "create", "work", "-q", .. Token]);
        Assert.Equal((0, "work\n", ""), (run.Code, run.Output, run.Error));
    }

    [Theory]
    [InlineData("\"state\":\"running\",\"restored\":true,\"reason\":\"remade\"", "brought back to a snapshot")]
    [InlineData("\"state\":\"running\",\"restored\":true,\"reason\":\"restarted\",\"secrets_lost\":true", "made anew when the service restarted, its secrets are gone")]
    [InlineData("\"state\":\"running\",\"restored\":true,\"reason\":\"ended\",\"files_lost\":true", "made anew after its sandbox ended, its changes are gone")]
    [InlineData("\"state\":\"lost\",\"reason\":\"image_not_found\"", "lost: image_not_found; close it, or create it anew")]
    public async Task Ps_says_what_became_of_a_session(string state, string note)
    {
        await using var node = new FakeNode("registry", "sandbox").On("sandbox.list", $$"""{"sessions":[{{{Head}},{{state}}}]}""");
        var run = await CtlRun.Of(node, ["sandbox", "ps", .. Token]);
        Assert.Contains($"  {note}\n", run.Output, StringComparison.Ordinal);
        Assert.Equal("work\n", (await CtlRun.Of(node, ["sandbox", "ps", "-q", .. Token])).Output);
    }

    [Fact]
    public async Task Show_tells_all_but_the_values_of_secrets()
    {
        await using var node = new FakeNode("registry", "sandbox").On(
            "sandbox.get", $$"""{{{Head}},"state":"running","environment":{"B":"2","A":"1"},"secrets":["KEY"],"allow":[{"to":"a.example","ports":[8443]}],"labels":{"team":"red"} }""");
        var run = await CtlRun.Of(node, ["sandbox", "show", "work", .. Token]);
        Assert.Equal((0, ""), (run.Code, run.Error));
        foreach (var line in (string[])["variables     A=1, B=2", "secrets       KEY", "may reach     a.example@8443", "labels        team=red"])
        {
            Assert.Contains(line, run.Output, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("snapshot", """{"snapshot":"before","session":"work","image":"host","created":"2030-01-01T12:00:00.000Z","bytes":2048,"files":3}""", "before has what work changed: 3 files, 2.0 KiB\n", "snapshot", "work", "before")]
    [InlineData("snapshot", """{"snapshot":"before","session":"work","image":"host","created":"2030-01-01T12:00:00.000Z","bytes":2048,"files":3}""", "before\n", "snapshot", "-q", "work")]
    [InlineData("snapshot_delete", """{"status":"deleted"}""", "before is deleted\n", "snapshot", "--delete", "before")]
    [InlineData("fork", """{"status":"forked"}""", "try is running, with the files of before; it has no secrets and no workspace\n", "fork", "before", "try")]
    [InlineData("restore", """{"status":"restored"}""", "work has the files of before again; what ran in it has ended\n", "restore", "work", "before")]
    [InlineData("signal", """{"status":"signalled"}""", "job-1 was sent SIGTERM\n", "kill", "work", "job-1")]
    public async Task What_was_done_is_said_in_a_line(string method, string answer, string said, params string[] words)
    {
        await using var node = new FakeNode("registry", "sandbox").On("sandbox." + method, answer);
        var run = await CtlRun.Of(node, ["sandbox", .. words, .. Token]);
        Assert.Equal((0, said, ""), (run.Code, run.Output, run.Error));
    }

    [Fact]
    public async Task A_snapshot_to_be_deleted_is_named_by_itself()
    {
        await using var node = new FakeNode("registry", "sandbox");
        var run = await CtlRun.Of(node, ["sandbox", "snapshot", "--delete", "work", "before", .. Token]);
        Assert.Equal(2, run.Code);
        Assert.Contains("snapshot --delete before", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_gives_its_session_what_create_would_and_is_there_without_the_word_sandbox()
    {
        await using var node = new FakeNode("registry", "sandbox")
            .On("sandbox.create", $$"""{"created":true,"session":{{{Head}},"state":"running"} }""")
            .On("sandbox.exec", _ => FakeAnswer.Items(staysOpen: false, """{"end":{"duration_ms":1,"timed_out":false,"truncated":false,"stdout_bytes":0,"stderr_bytes":0,"shell_restarted":false,"exit_code":0}}""", """{"status":"ended"}"""))
            .On("sandbox.close", """{"status":"closed"}""");
        var settings = new CtlSettings { Variables = { ["API_KEY"] = "hunter2" } };
        var run = await CtlRun.Of(
            node, settings,
            [
                "run", "python", "--memory", "64M", "--cpus", "2", "--pids", "9", "--disk", "1M", "--open-files", "99", "--require-limits", "--network", "proxy", "--allow", "a.example", "--env", "A=1",
                "--secret", "API_KEY", "--user", "root", "--hostname", "box", "--workspace", "data", "--shared-workspace", "--user-namespaces", "--cwd", "/tmp", "--time", "3s", .. Token, "--", "make", "--all",
            ]);
        Assert.Equal((0, ""), (run.Code, run.Error));
        var sent = node.Only("sandbox.create").Params;
        var name = sent.GetProperty("session").GetString();
        Assert.Equal(
            JsonSerializer.Serialize(JsonDocument.Parse($$"""
                {"session":"{{name}}","image":"python","limits":{"memory_bytes":67108864,"cpus":2,"pids":9,"disk_bytes":1048576,"open_files":99},"require_limits":true,"network":"proxy","environment":{"A":"1"},
                 "secrets":{"API_KEY":"hunter2"},"user":"root","hostname":"box","ttl_seconds":60,"workspace":"data","shared_workspace":true,"user_namespaces":true,"allow":[{"to":"a.example"}]}
                """)),
            JsonSerializer.Serialize(sent));
        var command = node.Only("sandbox.exec").Params;
        Assert.Equal((name, """["make","--all"]""", "/tmp", 3000), (command.GetProperty("session").GetString(), command.GetProperty("argv").GetRawText(), command.GetProperty("cwd").GetString(), command.GetProperty("timeout_ms").GetInt32()));
        Assert.Equal(name, node.Only("sandbox.close").Text("session"));
    }

    [Theory]
    [InlineData("program_not_found", 127)]
    [InlineData("program_refused", 126)]
    [InlineData("session_paused", 1)]
    public async Task A_program_that_is_not_there_ends_as_in_a_shell(string reason, int code)
    {
        await using var node = new FakeNode("registry", "sandbox").On("sandbox.exec", _ => FakeAnswer.Error(4, "NOT_FOUND", "it is not", reason));
        Assert.Equal(code, (await CtlRun.Of(node, ["sandbox", "exec", "work", .. Token, "--", "x"])).Code);
    }

    [Fact]
    public async Task A_secret_on_the_command_line_is_refused_without_being_said_again()
    {
        await using var node = new FakeNode("registry", "sandbox");
        var run = await CtlRun.Of(node, ["sandbox", "create", "--secret", "KEY=hunter2", .. Token]);
        Assert.Equal(2, run.Code);
        Assert.Contains("KEY", run.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Close_goes_on_to_the_others_when_one_is_not_there()
    {
        await using var node = new FakeNode("registry", "sandbox").On(
            "sandbox.close", request => request.Text("session") == "two" ? FakeAnswer.Result("""{"status":"closed"}""") : FakeAnswer.Error(4, "NOT_FOUND", "you have no such session", "session_not_found"));
        var run = await CtlRun.Of(node, ["sandbox", "close", "one", "two", "three", .. Token]);
        Assert.Equal((1, "two is closed\n"), (run.Code, run.Output));
        Assert.Contains("three", run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("sandbox exec w", "work")]
    [InlineData("sandbox restore work b", "before")]
    [InlineData("sandbox create --image ", "host python:3")]
    [InlineData("run p", "python:3")]
    [InlineData("image rm ", "python:3")]
    [InlineData("workspace rm ", "data")]
    [InlineData("sandbox create --network p", "proxy")]
    public async Task Names_of_what_one_has_are_completed(string line, string expected)
    {
        await using var node = new FakeNode("registry", "sandbox")
            .On("sandbox.list", $$"""{"sessions":[{{{Head}},"state":"running"}]}""")
            .On("sandbox.snapshots", """{"snapshots":[{"snapshot":"before","session":"work","image":"host","created":"2030-01-01T12:00:00.000Z","bytes":1,"files":1}]}""")
            .On("sandbox.image_list", """{"images":[{"digest":"sha256:00","names":["python:3","x/y@sha256:00","$(reboot)"],"layers":1,"bytes":1,"packed_bytes":1,"stored":"2030-01-01T12:00:00.000Z","uses":0}],"bytes":1,"max_bytes":2}""")
            .On("sandbox.workspace_list", """{"workspaces":[{"workspace":"data","created":"2030-01-01T12:00:00.000Z","bytes":0,"files":0,"max_bytes":1,"max_files":1,"enforced_by":"counted","sessions":0,"shared":false}]}""");
        var settings = new CtlSettings { Variables = { [NodeNames.LimitVariable] = "30s", ["STRATA_TOKEN"] = "T" } };
        var run = await CtlRun.Of(node, settings, [CompletionCandidates.CommandName, .. line.Split(' ')]);
        Assert.Equal(expected, run.Output.TrimEnd('\n').Replace('\n', ' '));
    }
}
