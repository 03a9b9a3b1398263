using System.Globalization;
using Strata.Contracts;
using Strata.Linux;

namespace Strata.Supervisor.Tests;

/// <summary>A real supervisor and a real socket of a service manager.</summary>
public sealed class UpwardTests
{
    [Fact]
    public async Task A_node_tells_its_start_its_life_a_reload_an_upgrade_and_its_end()
    {
        using var runtime = new TestRuntime();
        using var upward = new UpwardSocket(Path.Combine(runtime.Dir, "manager"));
        using var supervisor = SupervisorProcess.Start(runtime, upward.Variable, "WATCHDOG_USEC=3000000", $"{StubService.OutlivesVariable}=1");

        Assert.Contains("WATCHDOG=1", await upward.AwaitAsync("EXTEND_TIMEOUT_USEC="));
        Assert.Contains("STATUS=3 of 3 services Healthy, Completed, Waiting or Listening", await upward.AwaitAsync("READY=1"));
        Assert.DoesNotContain(upward.Heard.SkipLast(1), message => message.Contains("READY=1", StringComparison.Ordinal));
        while ((await upward.AwaitAsync("WATCHDOG=1")).Length > 1)
        {
            // One that was under way before readiness.
        }

        var before = Native.MonotonicMicroseconds();
        supervisor.Signal(Signal.SIGHUP);
        var reloading = await upward.AwaitAsync("RELOADING=1");
        var said = long.Parse(reloading.Single(line => line.StartsWith("MONOTONIC_USEC=", StringComparison.Ordinal)).Split('=')[1], CultureInfo.InvariantCulture);
        Assert.InRange(said, before, Native.MonotonicMicroseconds());
        Assert.Contains("STATUS=3 of 3 services Healthy, Completed, Waiting or Listening; configuration 1 in force", await upward.AwaitAsync("READY=1"));

        await using (var client = await runtime.ConnectAsync("supervisor"))
        {
            await client.CallAsync("supervisor.upgrade", new UpgradeParams(), ContractsJson.Default.UpgradeParams, ContractsJson.Default.StatusResult);
        }

        await upward.AwaitAsync("READY=1");
        await upward.AwaitAsync("WATCHDOG=1");

        supervisor.Signal(Signal.SIGTERM);
        Assert.Contains("STATUS=stopping: SIGTERM", await upward.AwaitAsync("STOPPING=1"));
        Assert.Equal(0, supervisor.AwaitExit().Code);
    }

    [Fact]
    public async Task A_service_that_does_not_come_up_does_not_keep_the_node_from_being_ready()
    {
        using var runtime = new TestRuntime();
        runtime.Plan("fs", "crash");
        using var upward = new UpwardSocket(Path.Combine(runtime.Dir, "manager"));
        using var supervisor = SupervisorProcess.Start(runtime, upward.Variable);

        var status = (await upward.AwaitAsync("READY=1"))[1];
        Assert.StartsWith("STATUS=2 of 3 services Healthy, Completed, Waiting or Listening; fs ", status, StringComparison.Ordinal);
        supervisor.Signal(Signal.SIGTERM);
        await upward.AwaitAsync("STOPPING=1");
        Assert.Equal(0, supervisor.AwaitExit().Code);
    }

    [Fact]
    public async Task Patience_is_asked_for_while_a_service_is_slow()
    {
        using var runtime = new TestRuntime();
        runtime.Plan("identity", "silent");
        using var upward = new UpwardSocket(Path.Combine(runtime.Dir, "manager"));
        using var supervisor = SupervisorProcess.Start(runtime, upward.Variable, "WATCHDOG_USEC=300000");
        await upward.AwaitAsync("EXTEND_TIMEOUT_USEC=");
        await upward.AwaitAsync("EXTEND_TIMEOUT_USEC=");
        Assert.DoesNotContain(upward.Heard, message => message.Contains("READY=1", StringComparison.Ordinal));

        supervisor.Signal(Signal.SIGTERM);
        await upward.AwaitAsync("STOPPING=1");
        Assert.Equal(0, supervisor.AwaitExit().Code);
    }

    [Fact]
    public async Task Patience_is_asked_for_while_a_service_drains()
    {
        using var runtime = new TestRuntime();
        runtime.Plan("fs", "stubborn");
        using var upward = new UpwardSocket(Path.Combine(runtime.Dir, "manager"));
        using var supervisor = SupervisorProcess.Start(runtime, upward.Variable, "WATCHDOG_USEC=300000");
        await upward.AwaitAsync("READY=1");

        supervisor.Signal(Signal.SIGTERM);
        await upward.AwaitAsync("STOPPING=1");
        await upward.AwaitAsync("EXTEND_TIMEOUT_USEC=");
        await upward.AwaitAsync("EXTEND_TIMEOUT_USEC=");
        supervisor.Signal(Signal.SIGTERM);
        Assert.Equal(0, supervisor.AwaitExit().Code);
    }
}
