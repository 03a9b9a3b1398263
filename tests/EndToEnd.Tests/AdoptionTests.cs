using Strata.Contracts;
using Strata.Ipc;
using Strata.Linux;

namespace Strata.EndToEnd.Tests;

/// <summary>A supervisor that is killed again and again, and its services, whose clients notice nothing.</summary>
public sealed class AdoptionTests
{
    private const int Kills = 5;

    [Fact]
    public async Task Clients_of_services_notice_nothing_of_the_deaths_of_the_supervisor()
    {
        await using var node = Node.Prepare();
        node.Declare("printer", """
            {"name":"printer","exec":["/bin/bash","-c","echo >&4; n=0; while :; do echo line $((n += 1)); sleep 0.02; done"],"readiness":{"method":"fd"}}
            """);
        node.Declare("once", """{"name":"once","kind":"oneshot","exec":["/bin/sh","-c","echo it ran"]}""");
        await node.LaunchAsync();
        var before = (await node.ServicesAsync()).ToDictionary(s => s.Name, s => (s.Pid, s.State));
        using var over = new CancellationTokenSource();
        var clients = new[] { "fs", "registry", "identity" }.Select(service => LoadAsync(node, service, over.Token)).ToList();

        for (var kill = 0; kill < Kills; kill++)
        {
            Node.Signal(node.SupervisorPid, Signal.SIGKILL);
            await node.Supervisor.WaitForExitAsync();
            await node.LaunchAsync();
            Assert.Equal(before, (await node.ServicesAsync()).ToDictionary(s => s.Name, s => (s.Pid, s.State)));
        }

        await over.CancelAsync();
        foreach (var answered in await Task.WhenAll(clients))
        {
            Assert.True(answered > Kills);
        }

        Assert.Equal("Completed", before["once"].State);
        Assert.Single((await node.CtlAsync("logs", "once")).Output.Split('\n'), line => line.Contains("it ran", StringComparison.Ordinal));
        await CheckLinesAsync(node);
    }

    [Fact]
    public async Task What_is_killed_leaves_no_port_for_debuggers_behind()
    {
        await using var node = Node.Prepare();
        // Services have none whatever the supervisor was started with; the supervisor, and its successors, as run.sh starts it.
        node.Settings["DOTNET_EnableDiagnostics"] = "0";
        var earlier = Ports().ToHashSet(StringComparer.Ordinal);
        await node.LaunchAsync();
        var killed = node.Processes().ToList();
        Assert.Equal(4, killed.Count);
        foreach (var pid in killed)
        {
            Node.Signal(pid, Signal.SIGKILL);
        }

        Assert.True(await Node.AllGoneAsync(killed));
        Assert.DoesNotContain(Ports().Except(earlier), port => killed.Exists(pid => port.Contains($"-{pid}-", StringComparison.Ordinal)));

        node.Settings["DOTNET_EnableDiagnostics"] = null;
        await node.LaunchAsync();
        var services = (await node.ServicesAsync()).Select(s => s.Pid).Where(pid => pid > 0 && pid != node.SupervisorPid).ToList();
        Assert.Equal(3, services.Count);
        Assert.DoesNotContain(Ports().Except(earlier), port => services.Exists(pid => port.Contains($"-{pid}-", StringComparison.Ordinal)));
    }

    private static IEnumerable<string> Ports() =>
        Directory.EnumerateFiles(Path.GetTempPath(), "dotnet-diagnostic-*").Concat(Directory.EnumerateFiles(Path.GetTempPath(), "clr-debug-pipe-*"));

    /// <summary>What was printed while there was no supervisor is kept as well: nothing twice, and no more missing than a killed one had in its hands.</summary>
    private static async Task CheckLinesAsync(Node node)
    {
        var text = (await node.CtlAsync("logs", "printer", "-n", "1000")).Output;
        var numbers = text.Split('\n').Select(line => line.Split(" line ")).Where(parts => parts.Length == 2).Select(parts => int.Parse(parts[1], System.Globalization.CultureInfo.InvariantCulture)).ToList();
        Assert.NotEmpty(numbers);
        Assert.Equal(numbers.Distinct().Order(), numbers);
        Assert.InRange(numbers[^1] - numbers[0] + 1 - numbers.Count, 0, Kills * 20);
    }

    private static async Task<int> LoadAsync(Node node, string service, CancellationToken over)
    {
        var answered = 0;
        await using var kept = await node.ConnectAsync(service);
        while (!over.IsCancellationRequested)
        {
            Assert.Null((await kept.SendAsync(new RpcRequest($"{service}.ping"), CancellationToken.None)).Error);
            Assert.Equal(service, (await node.CallAsync($"{service}.ping")).Get(ContractsJson.Default.PingResult).Service);
            answered++;
        }

        return answered;
    }
}
