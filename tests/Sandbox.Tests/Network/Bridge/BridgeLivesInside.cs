using System.Diagnostics;
using Strata.Contracts;
using Strata.Ipc;

namespace Strata.Sandbox.Tests;

/// <summary>What becomes of bridges; run by <see cref="BridgeTests"/> alone, as <see cref="BridgesInside"/>.</summary>
public sealed class BridgeLivesInside
{
    private const string HomeVariable = "STRATA_TEST_BRIDGE_HOME";

    [Fact(Explicit = true)]
    public async Task Nothing_is_left_of_a_session_that_is_closed_nor_of_a_service_that_stops()
    {
        await using var world = await BridgeWorld.MakeAsync();
        await world.CreateAsync("s", BridgeWorld.Public);
        await world.CreateAsync("t", BridgeWorld.Public);
        string one = BridgeRuleset.Id(world.Bridge("s").Index);
        Assert.Contains($"outward_{one}", BridgeWorld.Filters(), StringComparison.Ordinal);
        await world.Client.StatusAsync("close", "s");
        Assert.DoesNotContain($"_{one}", BridgeWorld.Filters(), StringComparison.Ordinal);
        Assert.Single(BridgeWorld.Devices());
        await world.Node.RestartAsync();
        Assert.Single(BridgeWorld.Devices());
        Assert.Equal("t", world.Session("t").Name);
        var client = await world.Node.ConnectAsync();
        await client.StatusAsync("close", "t");
        Assert.Empty(BridgeWorld.Devices());
        Assert.Contains("strata_", BridgeWorld.Filters(), StringComparison.Ordinal);
        await world.Node.Service.DisposeAsync();
        Assert.DoesNotContain("strata_", BridgeWorld.Filters(), StringComparison.Ordinal);
    }

    [Fact(Explicit = true)]
    public async Task Kill_9_of_the_service_leaves_filters_that_the_next_one_takes_away()
    {
        await using var world = await BridgeWorld.MakeAsync();
        using var server = await world.ListenAsync(BridgeWorld.Server, 80);
        using var home = new TempDirectory();
        using var service = StartService(home.Path);
        try
        {
            string state = await service.StandardOutput.ReadLineAfterAsync("bridged ").Soon();
            string before = Assert.Single(BridgeWorld.Tables());
            Assert.Single(BridgeWorld.Devices());
            service.Kill();
            await service.WaitForExitAsync().Soon();
            Assert.Equal(before, Assert.Single(BridgeWorld.Tables())); // The kernel takes the devices, and nobody the filters.

            await using var engine = new EngineFixture();
            await using var next = await SandboxNode.StartAsync(engine.Engine, options => BridgeWorld.With(null, options) with { StateDirectory = state }, TimeProvider.System);
            Assert.NotEqual(before, Assert.Single(BridgeWorld.Tables())); // The session of the one that was killed is there again, behind filters of its own.
            Assert.Single(BridgeWorld.Devices());
            var client = await next.ConnectAsync();
            Assert.Equal("running", (await client.InfoAsync("s")).State);
            await client.StatusAsync("close", "s");
            Assert.Empty(BridgeWorld.Devices());
        }
        finally
        {
            if (!service.HasExited)
            {
                service.Kill();
            }
        }
    }

    /// <summary>The service that <see cref="Kill_9_of_the_service_leaves_filters_that_the_next_one_takes_away"/> kills.</summary>
    [Fact(Explicit = true)]
    public async Task A_service_with_a_bridge_that_waits_to_be_killed()
    {
        if (Environment.GetEnvironmentVariable(HomeVariable) is null)
        {
            return; // A part of another test.
        }

        await using var engine = new EngineFixture();
        await using var node = await SandboxNode.StartAsync(engine.Engine, options => BridgeWorld.With(null, options), TimeProvider.System);
        await (await node.ConnectAsync()).CreateAsync($$"""{"session":"s","network":"bridge","ttl_seconds":3600,"allow":[{{BridgeWorld.Public}}]}""");
        Console.WriteLine($"bridged {Path.GetDirectoryName(node.SessionsDirectory)}");
        await Console.In.ReadToEndAsync(); // Until it is killed, or the test is.
    }

    private static Process StartService(string home)
    {
        var start = new ProcessStartInfo(
            Environment.ProcessPath!, ["-noLogo", "-noColor", "-explicit", "only", "-showLiveOutput", "-method", $"*{nameof(A_service_with_a_bridge_that_waits_to_be_killed)}"])
        {
            RedirectStandardInput = true, RedirectStandardOutput = true,
        };
        (start.Environment["TMPDIR"], start.Environment[HomeVariable]) = (home, home);
        return Process.Start(start)!;
    }

    [Fact(Explicit = true)]
    public async Task A_host_that_does_not_forward_is_told_of_by_doctor_and_no_session_is_made()
    {
        await using var world = await BridgeWorld.MakeAsync(forwards: false);
        var found = await world.Client.GetAsync("doctor", "{}", ContractsJson.Default.SandboxDoctorResult);
        var finding = Assert.Single(found.Findings, finding => finding.Name == "bridge");
        Assert.False(finding.Good);
        Assert.Contains("net.ipv4.ip_forward=1", finding.Remedy, StringComparison.Ordinal);
        var error = await world.Client.ErrorAsync("create", """{"session":"s","network":"bridge"}""", ErrorCode.Unavailable, "network_unavailable");
        Assert.Contains("net.ipv4.ip_forward=1", error.Message, StringComparison.Ordinal);
        Assert.Empty(BridgeWorld.Devices());
        Assert.DoesNotContain("strata_", BridgeWorld.Filters(), StringComparison.Ordinal);

        BridgeWorld.Forward(on: true);
        found = await world.Client.GetAsync("doctor", "{}", ContractsJson.Default.SandboxDoctorResult);
        Assert.True(found.Findings.Single(finding => finding.Name == "bridge").Good);
        Assert.Empty(BridgeWorld.Devices());
        await world.CreateAsync("s", BridgeWorld.Public);
    }
}
