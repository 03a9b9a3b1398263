using System.Diagnostics;
using Strata.Linux;

namespace Strata.EndToEnd.Tests;

public sealed class RunScriptTests
{
    [Theory]
    [InlineData(Signal.SIGINT)]
    [InlineData(Signal.SIGTERM)]
    public async Task Run_starts_a_node_prints_commands_that_work_and_leaves_nothing_behind(int signal)
    {
        await using var node = Node.Prepare();
        // A session of its own, so that the signal reaches the whole foreground group as Ctrl-C does.
        var start = new ProcessStartInfo("setsid", ["--wait", Checkout.At("run.sh")]) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment.Remove("DOTNET_EnableDiagnostics");
        foreach (var (name, value) in node.Settings)
        {
            start.Environment[name] = value;
        }

        using var run = Process.Start(start)!;
        var log = run.StandardError.ReadToEndAsync();
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(5));
        var shown = new List<string>();
        while (await run.StandardOutput.ReadLineAsync(limit.Token) is { } line && !line.StartsWith("Ctrl-C stops it", StringComparison.Ordinal))
        {
            shown.Add(line);
        }

        var commands = shown.Where(l => l.StartsWith("  ", StringComparison.Ordinal) && l.Contains("strata-ctl", StringComparison.Ordinal) || l.Contains("export", StringComparison.Ordinal)).ToList();
        Assert.True(commands.Count >= 4, string.Join('\n', shown) + await Ended(run, log));
        var tried = await Command.RunAsync("bash", ["-e", "-c", string.Join('\n', commands)], node.Settings);
        Assert.True(tried.ExitCode == 0, tried.Output + tried.Error);
        Assert.Contains("Hello from Strata.", tried.Output, StringComparison.Ordinal);

        var pids = node.Processes();
        var programs = pids.Where(pid => File.ResolveLinkTarget($"/proc/{pid}/exe", false)!.FullName.StartsWith(Checkout.At("bin/"), StringComparison.Ordinal)).ToList();
        Assert.Equal(4, programs.Count);
        Assert.All(programs, pid => Assert.Contains("DOTNET_EnableDiagnostics=0", File.ReadAllText($"/proc/{pid}/environ").Split('\0')));
        var group = Process.GetProcessesByName("run.sh").Select(p => p.Id).Where(pids.Contains).DefaultIfEmpty(0).Max();
        Assert.NotEqual(0, group);
        Assert.Equal(0, (await Command.RunAsync("kill", [$"-{signal}", "--", $"-{group}"])).ExitCode);

        await run.WaitForExitAsync(limit.Token);
        Assert.True(await Node.AllGoneAsync(pids));
        Assert.Equal(0, run.ExitCode);
        Assert.Empty(Directory.GetFiles(node.RuntimeDir, "*.sock"));
        // A directory that was chosen is kept: the next start finds its keys and revocations again.
        Assert.True(Directory.Exists(Path.Combine(node.RuntimeDir, "state")));
    }

    [Fact]
    public async Task Run_beside_a_running_node_says_so_and_leaves_it_alone()
    {
        await using var node = await Node.StartAsync();
        var second = await Command.RunAsync(Checkout.At("run.sh"), [], node.Settings);
        Assert.Equal(73, second.ExitCode);
        Assert.Contains("a node runs in " + node.RuntimeDir, second.Error, StringComparison.Ordinal);
        Assert.All(await node.ServicesAsync(), s => Assert.Equal("Healthy", s.State));
    }

    private static async Task<string> Ended(Process run, Task<string> log) => run.HasExited ? await log : "";
}
