using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using Strata.Contracts;
using Strata.Ipc;

namespace Strata.EndToEnd.Tests;

/// <summary>Sandboxes from the command line, in a real node with the real engine.</summary>
public sealed class SandboxCommandTests
{
    private const int Interrupt = 2;
    private const int Terminate = 15;

    [Fact]
    public async Task A_command_ends_with_its_own_exit_code_and_gives_and_takes_every_byte()
    {
        await using var node = await StartAsync();
        (await node.CtlAsync("sandbox", "create", "work")).Succeeded();
        Assert.Equal((7, "out\n", "err\n"), Of(await node.CtlAsync("sandbox", "exec", "work", "echo out; echo err >&2; (exit 7)")));
        Assert.Equal(128 + Terminate, (await node.CtlAsync("sandbox", "exec", "work", "--", "sh", "-c", "kill -TERM $$")).ExitCode);
        Assert.Equal(127, (await node.CtlAsync("sandbox", "exec", "work", "no-such-program")).ExitCode);
        Assert.Equal("sandbox\n", (await node.CtlAsync("sandbox", "exec", "work", "--", "hostname")).Succeeded().Output);
        (await node.CtlAsync("sandbox", "exec", "work", "cd /tmp && X=kept")).Succeeded();
        Assert.Equal("/tmp kept\n", (await node.CtlAsync("sandbox", "exec", "work", "echo $PWD $X")).Succeeded().Output);
        var late = await node.CtlAsync("sandbox", "exec", "work", "--time", "300ms", "sleep 1000");
        Assert.Equal(124, late.ExitCode);
        Assert.Contains("--time", late.Error, StringComparison.Ordinal);

        // More than any one call holds, in and out, by the session's shell and without one.
        var bytes = new byte[1_500_000];
        new Random(1).NextBytes(bytes);
        var (sent, back) = (Path.Combine(node.DataDir, "sent"), Path.Combine(node.DataDir, "back"));
        await File.WriteAllBytesAsync(sent, bytes);
        await ShellAsync(node, $"\"$CTL\" sandbox exec work -i 'cat >&2' < {sent} 2> {back} && cmp {sent} {back} && \"$CTL\" sandbox exec work -i -- cat < {sent} > {back} && cmp {sent} {back}");
        Assert.Equal(SHA256.HashData(bytes), SHA256.HashData(await File.ReadAllBytesAsync(back)));

        // Who reads no more of it ends all the same.
        Assert.Equal("first\n", (await ShellAsync(node, "yes first | \"$CTL\" sandbox exec work -i -- head -n 1")).Output);
    }

    [Fact]
    public async Task A_command_reads_what_comes_while_it_comes()
    {
        await using var node = await StartAsync();
        (await node.CtlAsync("sandbox", "create", "work")).Succeeded();
        using var program = Begin(node, "sandbox", "exec", "work", "-i", "while read line; do echo got $line; done; echo end");
        foreach (var word in (string[])["one", "two"])
        {
            await program.StandardInput.WriteLineAsync(word);
            await program.StandardInput.FlushAsync();
            Assert.Equal("got " + word, await program.StandardOutput.ReadLineAsync().WaitAsync(Node.Patience));
        }

        program.StandardInput.Close();
        Assert.Equal("end\n", await program.StandardOutput.ReadToEndAsync().WaitAsync(Node.Patience));
        await program.WaitForExitAsync().WaitAsync(Node.Patience);
        Assert.Equal(0, program.ExitCode);
    }

    [Theory]
    [InlineData("exec", "work", Interrupt)]
    [InlineData("run", "host", Interrupt)]
    [InlineData("run", "host", Terminate)]
    public async Task Who_is_interrupted_takes_along_what_runs(string command, string where, int signal)
    {
        await using var node = await StartAsync();
        (await node.CtlAsync("sandbox", "create", "work")).Succeeded();
        using var program = Begin(node, "sandbox", command, where, "echo begun; sleep 1000");
        Assert.Equal("begun", await program.StandardOutput.ReadLineAsync().WaitAsync(Node.Patience));
        Node.Signal(program.Id, signal);
        await program.WaitForExitAsync().WaitAsync(Node.Patience);
        Assert.Equal(128 + Interrupt, program.ExitCode);

        var left = (await node.CtlAsync("sandbox", "ps", "--json")).Succeeded().Output;
        Assert.DoesNotContain("\"run-", left, StringComparison.Ordinal);
        await Patience.UntilAsync(async () => (await node.CtlAsync("sandbox", "exec", "work", "grep -l '^Name:.sleep' /proc/[0-9]*/status | wc -l")).Output == "0\n");
    }

    [Fact]
    public async Task A_command_in_a_sandbox_of_its_own_leaves_none()
    {
        await using var node = await StartAsync();
        Assert.Equal((3, "1000\n", ""), Of(await node.CtlAsync("sandbox", "run", "host", "id -u; exit 3")));
        Assert.Equal("b\n", (await ShellAsync(node, "printf 'c\\nb\\n' | \"$CTL\" sandbox run host -i -- sort | head -n 1")).Output);
        Assert.Equal(1, (await node.CtlAsync("sandbox", "run", "no-such-image", "true")).ExitCode);
        Assert.Contains("\"sessions\": []", (await node.CtlAsync("sandbox", "ps", "--json")).Succeeded().Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_terminal_is_left_and_found_again_and_the_own_one_is_as_before()
    {
        await using var node = await StartAsync();
        (await node.CtlAsync("sandbox", "create", "work")).Succeeded();
        await using var terminal = new PseudoTerminal(33, 101);
        var before = await terminal.SettingsAsync();
        terminal.Start(node.Settings, Checkout.Program("strata-ctl"), "sandbox", "shell", "work");
        await terminal.ShowsAsync("$ ");
        terminal.Type("stty size; X=kept\r");
        await terminal.ShowsAsync("stty size; X=kept\r\n"); // Shown once: by the terminal inside alone.
        await terminal.ShowsAsync("33 101\r\n");
        terminal.Resize(40, 120);
        terminal.Type("until [ \"$(stty size)\" = '40 120' ]; do :; done; echo as''large\r");
        await terminal.ShowsAsync("aslarge\r\n");

        // Ctrl-C is a key like others: it ends what runs inside.
        terminal.Type("sleep 1000 # begun\r");
        await terminal.ShowsAsync("# begun\r\n");
        terminal.Type("\u0003");
        await terminal.ShowsAsync("$ ");
        terminal.Type("echo rc=$?\r");
        await terminal.ShowsAsync("rc=130\r\n");

        terminal.Type("\u001d");
        await terminal.ShowsAsync(" --id ");
        await terminal.Program.WaitForExitAsync().WaitAsync(Node.Patience);
        Assert.Equal((0, before), (terminal.Program.ExitCode, await terminal.SettingsAsync()));
        await Patience.UntilAsync(() => Task.FromResult(terminal.Shown.Contains(' ', StringComparison.Ordinal)));
        var id = terminal.Shown.Split(' ')[0];

        terminal.Start(node.Settings, Checkout.Program("strata-ctl"), "sandbox", "shell", "work", "--id", id);
        await terminal.ShowsAsync("rc=130\r\n");
        terminal.Type("echo X=$X; exit 5\r");
        await terminal.ShowsAsync("X=kept\r\n");
        await terminal.Program.WaitForExitAsync().WaitAsync(Node.Patience);
        Assert.Equal((5, before), (terminal.Program.ExitCode, await terminal.SettingsAsync()));
    }

    [Fact]
    public async Task The_own_terminal_is_as_before_when_the_program_is_ended_and_a_paused_session_can_be_left()
    {
        await using var node = await StartAsync();
        (await node.CtlAsync("sandbox", "create", "work")).Succeeded();
        await using var terminal = new PseudoTerminal(24, 80);
        var before = await terminal.SettingsAsync();
        terminal.Start(node.Settings, Checkout.Program("strata-ctl"), "sandbox", "shell", "work");
        await terminal.ShowsAsync("$ ");
        Assert.NotEqual(before, await terminal.SettingsAsync());
        foreach (var pid in node.Processes().Where(p => File.ReadAllText($"/proc/{p}/cmdline").Contains("sandbox\0shell\0", StringComparison.Ordinal)))
        {
            Node.Signal(pid, Terminate);
        }

        await terminal.Program.WaitForExitAsync().WaitAsync(Node.Patience);
        Assert.Equal(before, await terminal.SettingsAsync());

        terminal.Start(node.Settings, Checkout.Program("strata-ctl"), "sandbox", "shell", "work");
        await terminal.ShowsAsync("$ ");
        (await node.CtlAsync("sandbox", "pause", "work")).Succeeded();
        terminal.Type("lost\r");
        await terminal.ShowsAsync("\a");
        terminal.Type("\u001d");
        await terminal.Program.WaitForExitAsync().WaitAsync(Node.Patience);
        Assert.Equal((0, before), (terminal.Program.ExitCode, await terminal.SettingsAsync()));
    }

    [Fact]
    public async Task The_value_of_a_secret_is_in_no_file_no_log_and_no_answer_of_the_node()
    {
        const string Secret = "value-9f3c2a71-of-the-test";
        await using var node = await StartAsync();
        node.Settings["KEY"] = node.Settings["HELD"] = Secret;
        (await node.CtlAsync("sandbox", "create", "work", "--network", "proxy", "--secret", "KEY", "--placeholder", "HELD=api.invalid", "--env", "SHOWN=1")).Succeeded();
        Assert.Equal("26 0\n", (await node.CtlAsync("sandbox", "exec", "work", $"export COPY=$KEY; echo ${{#KEY}} $(env | grep -c HELD={Secret[..9]})")).Succeeded().Output);
        (await node.CtlAsync("sandbox", "start", "work", "--", "sleep", "1000")).Succeeded();
        (await node.CtlAsync("sandbox", "snapshot", "work", "kept")).Succeeded();
        (await node.CtlAsync("sandbox", "fork", "kept", "forked")).Succeeded();
        Assert.Equal("0 1\n", (await node.CtlAsync("sandbox", "exec", "forked", "echo ${#KEY} $SHOWN")).Succeeded().Output);
        string[][] questions =
            [["sandbox", "ps", "--json"], ["sandbox", "show", "work", "--json"], ["sandbox", "jobs", "work", "--json"], ["sandbox", "network", "work", "--json"], ["audit", "export"], ["logs", "sandbox"], ["metrics", "sandbox"]];
        foreach (var words in questions)
        {
            Assert.DoesNotContain(Secret, (await node.CtlAsync(words)).ToString(), StringComparison.Ordinal);
        }

        Node.Signal(await node.PidAsync("sandbox"), 9);
        await Patience.UntilAsync(async () => (await node.CtlAsync("sandbox", "show", "work")).Output.Contains("its secrets are gone", StringComparison.Ordinal));
        Assert.Equal("0\n", (await node.CtlAsync("sandbox", "exec", "work", "echo ${#KEY}")).Succeeded().Output);
        (await node.CtlAsync("sandbox", "close", "work")).Succeeded();
        await node.StopAsync();
        Assert.DoesNotContain(Secret, node.Log, StringComparison.Ordinal);
        // Files alone, neither sockets nor devices; a secret in one of them would be named.
        Assert.Equal("", (await Command.RunAsync("grep", ["-r", "-a", "-l", "-s", "-D", "skip", "-e", Secret, node.Folder])).Output);
    }

    [Fact]
    public async Task A_node_that_is_stopped_leaves_nothing_of_its_sandboxes_running_or_mounted()
    {
        await using var node = await StartAsync();
        var mark = "MARK=" + node.RuntimeDir;
        foreach (var name in (string[])["one", "two", "three"])
        {
            (await node.CtlAsync("sandbox", "create", name, "--env", mark)).Succeeded();
            (await node.CtlAsync("sandbox", "start", name, "--", "sh", "-c", "trap '' TERM HUP INT; while :; do sleep 1000; done")).Succeeded();
        }

        Assert.True(Node.ProcessesWith(mark).Count >= 3);
        var job = (await node.CtlAsync("sandbox", "start", "one", "--", "sh", "-c", "sleep 0.7; exit 7")).Succeeded().Output.Trim();
        await using var client = await node.ConnectAsync("sandbox");
        var waiting = client.SendAsync(new RpcRequest("sandbox.wait") { Params = Encoding.UTF8.GetBytes($$"""{"session":"one","id":"{{job}}"}"""), Token = node.Settings["STRATA_TOKEN"] });
        Assert.Null((await client.SendAsync(new RpcRequest("sandbox.ping"))).Error);

        // The call has come, for one after it was answered. It is finished: nobody but the service is asked to end.
        await node.StopAsync();

        Assert.Equal(7, (await waiting).Get(ContractsJson.Default.SandboxJob).ExitCode);
        Assert.All((string[])["sandbox_ended", "identity_lost", "audit_unsealed"], trouble => Assert.DoesNotContain($"event={trouble}", node.Log, StringComparison.Ordinal));
        await Patience.UntilAsync(() => Task.FromResult(Node.ProcessesWith(mark).Count == 0));
        Assert.DoesNotContain(node.Folder, await File.ReadAllTextAsync("/proc/self/mountinfo"), StringComparison.Ordinal);
    }

    private static async Task<Node> StartAsync()
    {
        var node = Node.Prepare();
        try
        {
            node.Declare("sandbox", """{ "name": "sandbox" }""");
            await node.LaunchAsync();
            await using var identity = await node.ConnectAsync("identity");
            var wanted = new IssueParams("sandbox", Rights: ["sandbox.create", "sandbox.exec", "sandbox.shell", "sandbox.snapshot"], Subject: "tester", TtlSeconds: 600);
            node.Settings["STRATA_TOKEN"] = (await identity.CallAsync("identity.issue", wanted, ContractsJson.Default.IssueParams, ContractsJson.Default.IssueResult)).Token;
            node.Settings["CTL"] = Checkout.Program("strata-ctl");
            return node;
        }
        catch
        {
            await node.DisposeAsync();
            throw;
        }
    }

    private static async Task<CommandResult> ShellAsync(Node node, string script) => (await Command.RunAsync("sh", ["-c", script], node.Settings)).Succeeded();

    private static (int Code, string Output, string Error) Of(CommandResult result) => (result.ExitCode, result.Output, result.Error);

    private static Process Begin(Node node, params string[] arguments)
    {
        var start = new ProcessStartInfo(Checkout.Program("strata-ctl"), arguments) { RedirectStandardInput = true, RedirectStandardOutput = true };
        foreach (var (name, value) in node.Settings)
        {
            start.Environment[name] = value;
        }

        return Process.Start(start)!;
    }
}
