using Strata.Contracts;
using Strata.Ipc;
using Strata.Linux;

namespace Strata.Supervisor.Tests;

/// <summary>Another program in the supervisor's place.</summary>
public sealed class UpgradeTests
{
    private const string Outlives = $"{StubService.OutlivesVariable}=1";

    [Fact]
    public async Task Services_sockets_and_waiting_clients_go_through_an_upgrade_and_so_do_exit_statuses()
    {
        using var runtime = new TestRuntime();
        using var supervisor = SupervisorProcess.Start(runtime, Outlives);
        supervisor.AwaitReady();
        var before = (await StatusAsync(runtime), (await runtime.StatusAsync("registry")).Pid, (await runtime.StatusAsync("identity")).Pid);
        await using (var client = await runtime.ConnectAsync("supervisor"))
        {
            await client.CallAsync("supervisor.svc.stop", new StopParams("fs"), ContractsJson.Default.StopParams, ContractsJson.Default.StatusResult);
        }

        // Nobody serves this socket; who waits on it now waits through the upgrade.
        using var waiting = UnixSocket.Connect(Path.Combine(runtime.Dir, "fs.sock"));
        await using var registry = await runtime.ConnectAsync("registry");

        Assert.Null(await UpgradeAsync(runtime, null));

        var after = await NextAsync(runtime, before.Item1);
        Assert.Equal((2, null), (after.SupervisorGeneration, after.UpgradeRefused));
        var children = ((await runtime.StatusAsync("registry")).Pid, (await runtime.StatusAsync("identity")).Pid);
        Assert.True((before.Item2, before.Item3) == children, $"{before} became {children}: {runtime.Log}");
        Assert.Null((await registry.SendAsync(new RpcRequest("registry.ping"))).Error);
        Assert.Equal("Stopped", (await runtime.StatusAsync("fs")).State);
        Assert.Equal(-Errno.EAGAIN, UnixSocket.TryReceive(waiting.Number, new byte[1]));

        // Its child as before: the kernel tells how it ended, whatever its version.
        Processes.Send(before.Item3, Signal.SIGKILL);
        var crash = await runtime.EventAsync(e => e is { Event: "svc.crash", Service: "identity" });
        Assert.Equal(("signal", 9), (crash.Crash, crash.Signal));
        supervisor.Signal(Signal.SIGTERM);
        Assert.Equal(0, supervisor.AwaitExit().Code);
        Assert.Empty(runtime.Processes);
    }

    [Fact]
    public async Task A_program_that_cannot_or_will_not_take_over_changes_nothing()
    {
        using var runtime = new TestRuntime();
        using var supervisor = SupervisorProcess.Start(runtime, Outlives);
        supervisor.AwaitReady();
        var pid = (await runtime.StatusAsync("fs")).Pid;

        Assert.Contains("cannot be executed", await UpgradeAsync(runtime, "/nowhere/supervisor"), StringComparison.Ordinal);
        Assert.Contains("would not take over (exit code 1)", await UpgradeAsync(runtime, "/bin/false"), StringComparison.Ordinal);
        Assert.Contains("absolute path", await UpgradeAsync(runtime, "supervisor"), StringComparison.Ordinal);

        Assert.Equal(("Healthy", pid), ((await runtime.StatusAsync("fs")).State, (await runtime.StatusAsync("fs")).Pid));
        Assert.Equal(1, (await StatusAsync(runtime)).SupervisorGeneration);
        supervisor.Signal(Signal.SIGTERM);
        Assert.Equal(0, supervisor.AwaitExit().Code);
    }

    [Fact]
    public async Task A_program_that_does_not_know_the_format_of_the_state_is_refused_and_the_node_goes_on()
    {
        using var runtime = new TestRuntime();
        using var supervisor = SupervisorProcess.Start(runtime, Outlives);
        supervisor.AwaitReady();
        var pid = (await runtime.StatusAsync("fs")).Pid;

        // As a version to come would have left it: for it, the program at hand is a downgrade.
        StateFormatTests.Write(runtime, new StateFormat(StateFormat.Current + 1, "9.8.7"));
        var refusal = await UpgradeAsync(runtime, null);
        Assert.Contains("would not take over (exit code 78)", refusal, StringComparison.Ordinal);
        Assert.Contains("has format 2, written by Strata 9.8.7", refusal, StringComparison.Ordinal);
        Assert.Contains("restore a backup of the state that was made with this version", refusal, StringComparison.Ordinal);

        Assert.Equal(("Healthy", pid), ((await runtime.StatusAsync("fs")).State, (await runtime.StatusAsync("fs")).Pid));
        Assert.Equal(1, (await StatusAsync(runtime)).SupervisorGeneration);
        supervisor.Signal(Signal.SIGTERM);
        Assert.Equal(0, supervisor.AwaitExit().Code);
    }

    [Fact]
    public async Task When_the_program_vanishes_after_its_promise_the_old_one_goes_on_and_says_why()
    {
        using var runtime = new TestRuntime();
        using var supervisor = SupervisorProcess.Start(runtime, Outlives);
        supervisor.AwaitReady();
        var before = await StatusAsync(runtime);
        var pid = (await runtime.StatusAsync("fs")).Pid;
        var fickle = Path.Combine(runtime.Dir, "fickle");
        File.WriteAllText(fickle, "#!/bin/sh\nrm \"$0\"\n");
        File.SetUnixFileMode(fickle, (UnixFileMode)0x1ED);

        Assert.Null(await UpgradeAsync(runtime, fickle));

        var after = await NextAsync(runtime, before);
        Assert.Contains("fickle cannot be executed (ENOENT)", after.UpgradeRefused, StringComparison.Ordinal);
        Assert.Equal(("Healthy", pid), ((await runtime.StatusAsync("fs")).State, (await runtime.StatusAsync("fs")).Pid));
        supervisor.Signal(Signal.SIGTERM);
        Assert.Equal(0, supervisor.AwaitExit().Code);
        Assert.Empty(runtime.Processes);
    }

    [Fact]
    public async Task A_supervisor_whose_services_end_with_it_is_not_replaced()
    {
        using var runtime = new TestRuntime();
        using var supervisor = SupervisorProcess.Start(runtime, Outlives, "STRATA_EXIT_WITH_CHILDREN=1");
        supervisor.AwaitReady();
        Assert.Contains("services end with this supervisor", await UpgradeAsync(runtime, null), StringComparison.Ordinal);
        supervisor.Signal(Signal.SIGTERM);
        Assert.Equal(0, supervisor.AwaitExit().Code);
    }

    [Fact]
    public void A_handover_takes_open_descriptors_of_its_form_and_nothing_else()
    {
        using var open = new EventFd();
        var number = FileDescriptor.Duplicate(open.Handle.Number).Release();
        var handover = Handover.Parse($"lock={number},a=999999,b=x,c,d=1=2,e=-1,f=0", null);

        Assert.Null(handover.Take("a"));
        Assert.Null(handover.Take("f"));
        Assert.Null(handover.TakeListener("lock", "/nowhere.sock"));
        Assert.True(handover.IsEmpty);
    }

    /// <summary>Asks for an upgrade.</summary>
    /// <returns>Null when it is under way, else why not.</returns>
    private static async Task<string?> UpgradeAsync(TestRuntime runtime, string? binary)
    {
        await using var client = await runtime.ConnectAsync("supervisor");
        var request = RpcRequest.Of("supervisor.upgrade", new UpgradeParams(binary), ContractsJson.Default.UpgradeParams);
        return (await client.SendAsync(request with { Deadline = TestNode.Deadline })).Error?.Message;
    }

    private static async Task<NodeStatus> StatusAsync(TestRuntime runtime)
    {
        await using var client = await runtime.ConnectAsync("supervisor");
        return await client.CallAsync("supervisor.status", new NoParams(), ContractsJson.Default.NoParams, ContractsJson.Default.NodeStatus, deadline: TestNode.Deadline);
    }

    private static async Task<NodeStatus> NextAsync(TestRuntime runtime, NodeStatus before)
    {
        NodeStatus? next = null;
        await Patience.UntilAsync(() =>
        {
            try
            {
                next = StatusAsync(runtime).GetAwaiter().GetResult();
            }
            catch (RpcException)
            {
                return false; // It was still the old one, on its way out.
            }

            return next.SupervisorGeneration != before.SupervisorGeneration;
        });
        return next!;
    }
}
