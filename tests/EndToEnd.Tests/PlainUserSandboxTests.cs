using System.Text.Json;

namespace Strata.EndToEnd.Tests;

/// <summary>Sandboxes of a node that a plain user runs, from the command line: all there is to them without root, and clear words about the rest.</summary>
public sealed class PlainUserSandboxTests
{
    private const string Rights =
        "sandbox.create,sandbox.exec,sandbox.shell,sandbox.read,sandbox.write,sandbox.workspace,sandbox.snapshot,sandbox.expose,sandbox.image,sandbox.image_manage";

    [Fact]
    public async Task Commands_and_a_terminal_run_without_root()
    {
        await using var node = await StartAsync();
        Assert.Equal(0, (await node.CtlAsync("sandbox", "doctor")).ExitCode);

        var made = (await node.CtlAsync("sandbox", "create", "work")).Succeeded();
        using var info = JsonDocument.Parse((await node.CtlAsync("sandbox", "show", "work", "--json")).Succeeded().Output);
        Assert.Equal(info.RootElement.TryGetProperty("not_enforced", out _), made.Error.Contains("goes without a limit of cpus", StringComparison.Ordinal));

        Assert.Equal((7, "out\n", "err\n"), Of(await node.CtlAsync("sandbox", "exec", "work", "echo out; echo err >&2; cd /tmp; X=kept; (exit 7)")));
        Assert.Equal("/tmp kept 0\n", (await node.CtlAsync("sandbox", "exec", "work", "echo $PWD $X $(grep -c CapEff:.0000000000000000 /proc/self/status | grep -v 1 | wc -l)")).Succeeded().Output);
        Assert.Equal(124, (await node.CtlAsync("sandbox", "exec", "work", "--time", "300ms", "sleep 1000")).ExitCode);
        Assert.Equal((3, "in\n", ""), Of(await node.CtlAsync("run", "host", "--pids", "50", "--", "sh", "-c", "echo in; exit 3")));
        Assert.Equal(127, (await node.CtlAsync("run", "host", "--", "no-such-program")).ExitCode);

        await using var terminal = new PseudoTerminal(24, 80);
        string[] words = [.. node.As, Checkout.Program("strata-ctl"), "sandbox", "shell", "work"];
        terminal.Start(node.Settings, words[0], words[1..]);
        await terminal.ShowsAsync("$ ");
        terminal.Type("stty size; exit 5\r");
        await terminal.ShowsAsync("24 80\r\n");
        await terminal.Program.WaitForExitAsync().WaitAsync(Node.Patience);
        Assert.Equal(5, terminal.Program.ExitCode);

        Assert.Equal("work is closed\n", (await node.CtlAsync("sandbox", "close", "work")).Succeeded().Output);
    }

    [Fact]
    public async Task Files_workspaces_snapshots_and_forks_work_without_root()
    {
        await using var node = await StartAsync();
        (await node.CtlAsync("sandbox", "create", "work", "-q")).Succeeded();
        (await node.CtlAsync("sandbox", "cp", Path.Combine(node.DataDir, "hello.txt"), "work:")).Succeeded();
        (await node.CtlAsync("sandbox", "exec", "work", "tr a-z A-Z < hello.txt > loud.txt && mkdir sub && echo 1 > ~/state && rm -r /opt")).Succeeded();
        Assert.Equal("HELLO FROM STRATA.\n", (await node.CtlAsync("sandbox", "cat", "work:loud.txt")).Succeeded().Output);
        Assert.Contains("sub/", (await node.CtlAsync("sandbox", "ls", "work:")).Succeeded().Output, StringComparison.Ordinal);

        (await node.CtlAsync("workspace", "create", "data")).Succeeded();
        (await node.CtlAsync("sandbox", "cp", Path.Combine(node.DataDir, "hello.txt"), "@data:in.txt")).Succeeded();
        Assert.Equal("Hello from Strata.\n", (await node.CtlAsync("run", "host", "--workspace", "data", "--", "cat", "/workspace/in.txt")).Succeeded().Output);
        Assert.Contains("data", (await node.CtlAsync("workspace", "ls")).Succeeded().Output, StringComparison.Ordinal);
        (await node.CtlAsync("workspace", "rm", "data")).Succeeded();

        (await node.CtlAsync("sandbox", "snapshot", "work", "before")).Succeeded();
        (await node.CtlAsync("sandbox", "exec", "work", "echo 2 > ~/state")).Succeeded();
        (await node.CtlAsync("sandbox", "fork", "before", "try")).Succeeded();
        Assert.Equal("1 gone\n", (await node.CtlAsync("sandbox", "exec", "try", "echo $(cat ~/state) $([ -e /opt ] || echo gone)")).Succeeded().Output);
        (await node.CtlAsync("sandbox", "restore", "work", "before")).Succeeded();
        Assert.Equal("1\n", (await node.CtlAsync("sandbox", "exec", "work", "cat ~/state")).Succeeded().Output);
        Assert.Contains("brought back to a snapshot", (await node.CtlAsync("sandbox", "ps")).Succeeded().Output, StringComparison.Ordinal);
        (await node.CtlAsync("sandbox", "close", "work", "try")).Succeeded();
        Assert.Equal("", (await node.CtlAsync("sandbox", "ps", "-q")).Succeeded().Output);
    }

    [Fact]
    public async Task A_denied_destination_is_answered_and_counted_without_root()
    {
        await using var node = await StartAsync();
        (await node.CtlAsync("sandbox", "create", "work", "--network", "proxy", "--allow", "allowed.invalid")).Succeeded();
        const string Ask = "exec 3<>/dev/tcp/127.0.0.1/3128; printf 'CONNECT denied.invalid:443 HTTP/1.1\\r\\nHost: denied.invalid:443\\r\\n\\r\\n' >&3; cat <&3 | grep -a -e ^HTTP -e Strata-Reason; exec 3>&-";
        var answer = (await node.CtlAsync("sandbox", "exec", "work", Ask)).Succeeded().Output;
        Assert.Contains("403", answer, StringComparison.Ordinal);
        Assert.Contains("destination_denied", answer, StringComparison.Ordinal);
        Assert.Matches("denied +1\n", (await node.CtlAsync("sandbox", "network", "work")).Succeeded().Output);
        var audit = (await node.CtlAsync("audit", "search", "--outcome", "denied")).Succeeded().Output;
        Assert.Contains("sandbox.network_denied", audit, StringComparison.Ordinal);
        Assert.Contains("denied.invalid:443", audit, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("network_unavailable", "--network", "--network", "bridge")]
    [InlineData("network_unavailable", "--network", "--network", "host")]
    public async Task What_takes_root_or_the_operator_is_refused_in_words(string reason, string advice, params string[] options)
    {
        await using var node = await StartAsync();
        var refused = await node.CtlAsync(["sandbox", "create", "work", .. options]);
        Assert.Equal(1, refused.ExitCode);
        Assert.Contains(reason, refused.Error, StringComparison.Ordinal);
        Assert.Contains(advice, refused.Error, StringComparison.Ordinal);
        Assert.Equal("", (await node.CtlAsync("sandbox", "ps", "-q")).Succeeded().Output);
    }

    [Fact]
    public async Task A_limit_that_nothing_holds_for_a_plain_user_is_refused_in_words_to_whoever_asks_for_it()
    {
        await using var node = await StartAsync();
        (await node.CtlAsync("sandbox", "create", "usual", "-q")).Succeeded();
        using var info = JsonDocument.Parse((await node.CtlAsync("sandbox", "show", "usual", "--json")).Succeeded().Output);
        Assert.SkipUnless(info.RootElement.TryGetProperty("not_enforced", out _), "control groups were delegated to this user");
        foreach (var wish in (string[][])[["--cpus", "0.5"], ["--require-limits"]])
        {
            var refused = await node.CtlAsync(["sandbox", "create", "work", .. wish]);
            Assert.Equal(1, refused.ExitCode);
            Assert.Contains("limits_unavailable", refused.Error, StringComparison.Ordinal);
            Assert.Contains("strata-ctl sandbox doctor", refused.Error, StringComparison.Ordinal);
        }

        // And what doctor says there is something to do about it.
        Assert.Contains("Delegate", (await node.CtlAsync("sandbox", "doctor")).Output, StringComparison.Ordinal);
        Assert.Contains("sandbox engine", (await node.CtlAsync("doctor")).Output, StringComparison.Ordinal);
    }

    private static async Task<Node> StartAsync()
    {
        var node = Node.Prepare();
        try
        {
            node.Declare("sandbox", """{ "name": "sandbox" }""");
            await node.BecomePlainUserAsync();
            await node.LaunchAsync();
            node.Settings["STRATA_TOKEN"] = (await node.CtlAsync("token", "issue", "-q", "--service", "sandbox", "--rights", Rights, "--subject", "tester", "--ttl", "10m")).Succeeded().Output.Trim();
            return node;
        }
        catch
        {
            await node.DisposeAsync();
            throw;
        }
    }

    private static (int Code, string Output, string Error) Of(CommandResult result) => (result.ExitCode, result.Output, result.Error);
}
