using System.Globalization;
using Strata.Linux;
using Strata.Supervision;
using static Strata.Supervisor.Tests.TestNode;

namespace Strata.Supervisor.Tests;

public sealed class LifecycleTests
{
    [Fact]
    public async Task Services_become_Healthy_in_the_order_of_their_dependencies_and_stop_in_reverse()
    {
        await using var node = TestNode.Start(Stub("upper", "lower"), Stub("lower"));
        await node.UntilAsync("upper", ServiceState.Healthy);
        node.Loop.Shutdown("the test");
        Assert.Empty(await node.Ended.WaitAsync(Deadline));

        var records = node.Now.State.Log.Read(1).Records;
        long At(string name, ServiceState state) => records.First(r => r.Service == name && r.To == state).Sequence;
        Assert.True(At("lower", ServiceState.Healthy) < At("upper", ServiceState.Healthy));
        Assert.True(At("upper", ServiceState.Stopped) < At("lower", ServiceState.Stopping));
    }

    [Fact]
    public async Task A_killed_service_comes_back_without_the_children_of_its_predecessor()
    {
        await using var node = TestNode.Start(Stub("one"), "parent");
        var first = await node.UntilAsync("one", ServiceState.Healthy);
        var grandchild = int.Parse(await File.ReadAllTextAsync(node.PathOfPlan("one.child")), CultureInfo.InvariantCulture);
        node.Plan("one", "serve");

        Processes.Send(first.Pid!.Value, Signal.SIGKILL);
        var second = await node.UntilAsync(n => n.State.Services["one"] is { State: ServiceState.Healthy, Incarnation: 2 } s ? s : null);

        Assert.NotEqual(first.Pid, second.Pid);
        Processes.AwaitEnd([grandchild], Deadline);
        Assert.Equal(1, node.Now.RecordOf("one").Restarts);
        Assert.Equal(Signal.SIGKILL, second.LastCrash!.Cause.Number);
    }

    [Fact]
    public async Task A_service_that_does_not_announce_readiness_in_time_is_killed()
    {
        var hasty = Stub("mute") with { Readiness = new ReadinessPolicy { Timeout = TimeSpan.FromMilliseconds(800) } };
        await using var node = TestNode.Start(hasty, "silent");
        var crash = await node.RecordAsync(r => r.To == ServiceState.Crashed);
        Assert.Equal(CrashKind.ReadyTimeout, crash.Crash!.Kind);
        await node.UntilAsync("mute", ServiceState.Restarting);
        if (crash.Pid is { } pid)
        {
            Processes.AwaitEnd([pid], Deadline);
        }
    }

    [Fact]
    public async Task A_service_that_hangs_misses_its_watchdog_and_is_replaced()
    {
        var watched = Stub("one") with { Watchdog = new WatchdogPolicy { Interval = TimeSpan.FromSeconds(2) } };
        await using var node = TestNode.Start(watched);
        var first = await node.UntilAsync("one", ServiceState.Healthy);
        Processes.Send(first.Pid!.Value, Signal.SIGSTOP);
        var second = await node.UntilAsync(n => n.State.Services["one"] is { State: ServiceState.Healthy, Incarnation: 2 } s ? s : null);
        Assert.Equal(CrashKind.WatchdogMissed, second.LastCrash!.Cause.Kind);
        Processes.AwaitEnd([first.Pid!.Value], Deadline);
    }

    [Fact]
    public async Task A_crash_loop_ends_in_quarantine_which_a_start_clears()
    {
        var fragile = Stub("one") with
        {
            Quarantine = new QuarantinePolicy { Crashes = 3 },
            Backoff = new BackoffPolicy { Initial = TimeSpan.FromMilliseconds(1) },
        };
        await using var node = TestNode.Start(fragile, "crash");
        await node.UntilAsync("one", ServiceState.Quarantined);
        Assert.Equal(3, node.Now.State.Services["one"].Incarnation);

        node.Plan("one", "serve");
        var reply = await node.Loop.TrySend(new NodeEvent.Start("one"))!;
        Assert.Equal(CommandStatus.Ok, reply.Result.Status);
        await node.UntilAsync("one", ServiceState.Healthy);
    }

    [Fact]
    public async Task A_stop_during_the_backoff_keeps_the_service_down()
    {
        var slow = Stub("one") with { Backoff = new BackoffPolicy { Initial = TimeSpan.FromMinutes(1), Max = TimeSpan.FromMinutes(1) } };
        await using var node = TestNode.Start(slow, "crash");
        await node.UntilAsync("one", ServiceState.Restarting);
        var reply = await node.Loop.TrySend(new NodeEvent.Stop("one"))!;
        Assert.Equal(ServiceState.Stopped, reply.After.Services["one"].State);
    }

    [Fact]
    public async Task A_program_that_cannot_be_executed_is_a_crash_that_says_so()
    {
        await using var node = TestNode.Start(new ServiceManifest { Name = "one", Program = "/nowhere/to/be/found" });
        var crash = await node.RecordAsync(r => r.To == ServiceState.Crashed);
        Assert.Equal(CrashKind.SpawnFailed, crash.Crash!.Kind);
        Assert.Contains("/nowhere/to/be/found", crash.Cause, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_does_not_end_is_killed_after_its_drain()
    {
        await using var node = TestNode.Start(Stub("one") with { DrainTimeout = TimeSpan.FromMilliseconds(200) }, "stubborn");
        var pid = (await node.UntilAsync("one", ServiceState.Healthy)).Pid!.Value;
        node.Loop.Shutdown("the test");
        Assert.Empty(await node.Ended.WaitAsync(Deadline));
        Assert.False(Processes.Runs(pid));
        Assert.Contains(node.Now.State.Log.Read(1).Records, r => r.Kind == EventKind.ProcessKilled);
    }

    [Fact]
    public async Task A_second_signal_does_not_wait_for_the_drain()
    {
        await using var node = TestNode.Start(Stub("one") with { DrainTimeout = TimeSpan.FromSeconds(60) }, "stubborn");
        await node.UntilAsync("one", ServiceState.Healthy);
        node.Loop.Shutdown("the first");
        await node.UntilAsync("one", ServiceState.Stopping);
        node.Loop.Hurry("the second");
        Assert.Empty(await node.Ended.WaitAsync(Deadline));
    }

    [Fact]
    public async Task Readiness_announced_by_a_stranger_is_not_believed()
    {
        var hasty = Stub("mute") with { Readiness = new ReadinessPolicy { Timeout = TimeSpan.FromSeconds(2) } };
        await using var node = TestNode.Start(hasty, "silent");
        await node.UntilAsync(n => n.State.Services["mute"].Process?.Incarnation is not null ? n : null);
        SdNotify.SendTo(node.NotifyPath, "READY=1");
        var first = await node.RecordAsync(r => r.To is ServiceState.Healthy or ServiceState.Crashed);
        Assert.Equal(ServiceState.Crashed, first.To);
    }
}
