using System.Globalization;
using Strata.Contracts;
using Strata.Ipc;
using Strata.Linux;

namespace Strata.EndToEnd.Tests.Load;

/// <summary>
/// Load through restarts. STRATA_LOAD_REQUESTS and STRATA_LOAD_RESTARTS make it larger; bench/restarts.sh does.
/// </summary>
public sealed class RestartLoadTests
{
    private const string Program = "Strata.EndToEnd.Tests";

    private static int Requests => Setting("STRATA_LOAD_REQUESTS", 3000);

    private static int Restarts => Setting("STRATA_LOAD_RESTARTS", 5);

    [Fact]
    public async Task Rolling_restarts_refuse_nothing_lose_nothing_and_carry_nothing_out_twice()
    {
        await using var node = await StartAsync();

        var load = LoadOn(node);
        var report = await load.RunAsync(Requests, () => RollAsync(node, load));

        Console.WriteLine($"load: {Restarts} rolling restarts: {report}");
        Assert.Empty(report.Strange);
        Assert.Equal((report.Requests, 0, 0, 0, 0), (report.Answered, report.Refused, report.CutOff, report.Lost, report.Twice));
        Assert.True(report.Requests >= Requests && report.Processes == Restarts + 1, report.ToString());
    }

    [Fact]
    public async Task Kills_refuse_nothing_and_fail_only_what_was_in_flight_with_a_clean_error()
    {
        await using var node = await StartAsync();

        var load = LoadOn(node);
        var report = await load.RunAsync(Requests, () => KillAsync(node, load));

        Console.WriteLine($"load: {Restarts} kills: {report}");
        Assert.Empty(report.Strange);
        Assert.Equal((report.Requests - report.CutOff, 0, 0, 0), (report.Answered, report.Refused, report.Lost, report.Twice));
        Assert.InRange(report.CutOff, 0, Restarts * RestartLoad.MaxInFlight);
        Assert.True(report.Requests >= Requests && report.Processes >= Restarts, report.ToString());
    }

    private static RestartLoad LoadOn(Node node) => new(node.Socket(TallyService.Name), Path.Combine(node.Folder, "tally", TallyService.FileName));

    private static async Task<Node> StartAsync()
    {
        var node = Node.Prepare();
        try
        {
            node.Declare(TallyService.Name, $$"""
                {
                  "name": "{{TallyService.Name}}",
                  "exec": ["{{Path.Combine(AppContext.BaseDirectory, Program)}}"],
                  "environment": { "TALLY_DIR": "{{Path.Combine(node.Folder, "tally")}}" },
                  "readiness": { "timeout": "1m" },
                  "restart": { "initial": "1ms", "factor": 1, "max": "10ms" },
                  "quarantine": { "crashes": 100, "window": "1s" },
                  "confinement": { "seccomp": "none" },
                }
                """);
            await node.LaunchAsync();
            return node;
        }
        catch
        {
            await node.DisposeAsync();
            throw;
        }
    }

    private static async Task RollAsync(Node node, RestartLoad load)
    {
        await using var client = await node.ConnectAsync("supervisor");
        for (var i = 0; i < Restarts; i++)
        {
            await load.ReachesAsync(await node.PidAsync(TallyService.Name));
            var done = await client.CallAsync(
                "supervisor.svc.restart", new RestartParams(TallyService.Name, 10_000, Rolling: true), ContractsJson.Default.RestartParams, ContractsJson.Default.StatusResult,
                deadline: TimeSpan.FromMinutes(2));
            Assert.Equal("restarted", done.Status);
        }
    }

    private static async Task KillAsync(Node node, RestartLoad load)
    {
        for (var i = 0; i < Restarts; i++)
        {
            var pid = await node.PidAsync(TallyService.Name);
            await load.ReachesAsync(pid);
            Node.Signal(pid, Signal.SIGKILL);
            await node.WaitForStateAsync(TallyService.Name, "Healthy", otherThanPid: pid);
        }
    }

    private static int Setting(string name, int preset) =>
        int.TryParse(Environment.GetEnvironmentVariable(name), NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value > 0 ? value : preset;
}
