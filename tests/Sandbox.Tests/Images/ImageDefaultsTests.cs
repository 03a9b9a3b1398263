using Strata.Contracts;
using Strata.Ipc;
using Strata.Policy;

namespace Strata.Sandbox.Tests;

/// <summary>What sessions take of their image, and what they do not.</summary>
public sealed class ImageDefaultsTests
{
    private const string Config = """{"Env":["PATH=/bin:/usr/bin","FROM=image","BOTH=image","http_proxy=http://image.invalid","=odd","bare"],"WorkingDir":"/made/here","User":"app:staff","Entrypoint":["/bin/busybox","echo"],"Cmd":["hello"]}""";

    private const string Show = "id -u; id -g; pwd; echo $FROM $BOTH $HOME $USER; busybox stat -c %u:%g /made/here . || true";

    [Fact]
    public async Task User_directory_and_variables_of_an_image_hold_unless_the_session_says_otherwise_also_after_a_restart_and_in_forks()
    {
        await using var it = await LayeredNode.StartAsync(Config, "sh", "id");
        var made = await it.Client.CreateAsync("""{"session":"s","image":"app","environment":{"BOTH":"session"}}""");
        Assert.Equal(("app", "/made/here"), (made.Session.User, made.Session.WorkingDirectory));
        Assert.Equal(["/bin/busybox", "echo", "hello"], [.. made.Session.Entrypoint!, .. made.Session.Command!]);
        const string Expected = "101\n50\n/made/here\nimage session /srv app\n";
        Assert.StartsWith(Expected, await it.ShellSaysAsync("s", Show), StringComparison.Ordinal);
        Assert.Contains("called", (await it.Client.CallAsync("exec", """{"session":"s","command":"echo called $0 $BOTH","stateless":true,"env":{"BOTH":"called"}}""")).Get(ContractsJson.Default.SandboxExecItem) is { StdoutB64: { } said }
            ? System.Text.Encoding.UTF8.GetString(said.Span) : "", StringComparison.Ordinal);
        Assert.Null((await it.Client.CallAsync("write", """{"session":"s","path":"/workspace/file","data_b64":"eA=="}""")).Error);
        Assert.Equal("101:50\n", await it.ShellSaysAsync("s", "busybox stat -c %u:%g /workspace/file"));

        await it.Client.GetAsync("snapshot", """{"session":"s","snapshot":"snap"}""", ContractsJson.Default.SandboxSnapshot);
        await it.Client.GetAsync("fork", """{"session":"f","snapshot":"snap"}""", ContractsJson.Default.StatusResult);
        await it.Client.GetAsync("restore", """{"session":"s","snapshot":"snap"}""", ContractsJson.Default.StatusResult);
        Assert.StartsWith(Expected, await it.ShellSaysAsync("f", Show), StringComparison.Ordinal);
        Assert.StartsWith(Expected, await it.ShellSaysAsync("s", Show), StringComparison.Ordinal);

        // What the name means later, and what a program does to /etc/passwd, changes nothing of it.
        await ImageMethodTests.ImportAsync(it.Client, LayeredNode.Archive("""{"User":"root"}""", "sh"), "app");
        await it.RestartAsync();
        Assert.StartsWith(Expected, await it.ShellSaysAsync("s", Show), StringComparison.Ordinal);
        Assert.StartsWith(Expected, await it.ShellSaysAsync("f", Show), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Whoever_asks_for_a_user_gets_that_one()
    {
        await using var it = await LayeredNode.StartAsync(Config, "sh", "id");
        Assert.Equal("user", (await it.Client.CreateAsync("""{"session":"s","image":"app","user":"user"}""")).Session.User);
        Assert.StartsWith("1000\n1000\n/made/here\nimage image /home/sandbox sandbox\n", await it.ShellSaysAsync("s", Show), StringComparison.Ordinal);
        Assert.Equal(["user"], (await it.Client.CreateAsync("""{"session":"s","image":"app","user":"root"}""")).Differs!);
        Assert.Equal("root", (await it.Client.CreateAsync("""{"session":"r","image":"app","user":"root"}""")).Session.User);
        Assert.StartsWith("0\n0\n/made/here\nimage image /root root\n", await it.ShellSaysAsync("r", Show), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_image_widens_no_capability_and_takes_no_proxy_away()
    {
        await using var it = await LayeredNode.StartAsync(Config, "sh", "id");
        await it.ConnectAsync(SandboxBounds.None with { Commands = NameList.Of(["/bin/id"]), Domains = NameList.Of(["example.org"]) });
        await it.Client.CreateAsync("""{"session":"s","image":"app","network":"proxy"}""");
        await it.Client.ErrorAsync("exec", """{"session":"s","argv":["/bin/busybox","echo","hello"]}""", ErrorCode.PermissionDenied, "command_not_allowed");
        await it.Client.ErrorAsync("exec", """{"session":"s","command":"id"}""", ErrorCode.PermissionDenied, "command_not_allowed");
        await it.Client.ErrorAsync("create", """{"session":"h","image":"app","network":"host"}""", ErrorCode.PermissionDenied, "network_denied");
        Assert.Equal("101\n", await it.SaysAsync("s", "id", "-u"));
        await it.ConnectAsync();
        Assert.Equal("http://127.0.0.1:3128\n", await it.ShellSaysAsync("s", "echo $http_proxy"));
    }

    [Fact]
    public async Task An_image_whose_user_is_nobody_is_refused_unless_another_is_asked_for()
    {
        await using var it = await LayeredNode.StartAsync("""{"User":"nobody-here"}""", "sh");
        var refused = await it.Client.ErrorAsync("create", """{"session":"s","image":"app"}""", ErrorCode.InvalidArgument, "image_refused");
        Assert.Contains("nobody-here", refused.Message, StringComparison.Ordinal);
        await it.Client.ErrorAsync("get", """{"session":"s"}""", ErrorCode.NotFound, "session_not_found");
        Assert.Equal("user", (await it.Client.CreateAsync("""{"session":"s","image":"app","user":"user"}""")).Session.User);
    }

    [Fact]
    public async Task Without_bash_a_shell_of_each_command_serves_and_without_any_shell_programs_do()
    {
        await using var it = await LayeredNode.StartAsync("{}", "sh");
        await it.Client.CreateAsync("""{"session":"s","image":"app"}""");
        var refused = await it.Client.ErrorAsync("exec", """{"session":"s","command":"echo x"}""", ErrorCode.Unavailable, "no_shell");
        Assert.Contains("stateless", refused.Message, StringComparison.Ordinal);
        var said = (await it.Client.CallAsync("exec", """{"session":"s","command":"echo x | { read y; echo $y; }","stateless":true}""")).Get(ContractsJson.Default.SandboxExecItem);
        Assert.Equal("x\n"u8, said.StdoutB64!.Value.Span);

        await ImageMethodTests.ImportAsync(it.Client, LayeredNode.Archive("{}"), "bare");
        await it.Client.CreateAsync("""{"session":"b","image":"bare"}""");
        foreach (var stateless in (string[])["true", "false"])
        {
            refused = await it.Client.ErrorAsync("exec", $$"""{"session":"b","command":"echo x","stateless":{{stateless}}}""", ErrorCode.Unavailable, "no_shell");
            Assert.Contains("argv", refused.Message, StringComparison.Ordinal);
        }

        await it.Client.ErrorAsync("start", """{"session":"b","command":"echo x","id":"j"}""", ErrorCode.Unavailable, "no_shell");
        Assert.Equal("x\n", await it.SaysAsync("b", "/bin/busybox", "echo", "x"));
    }
}
