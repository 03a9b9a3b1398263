using Strata.Contracts;
using Strata.Ipc;
using Strata.Supervision;

namespace Strata.Supervisor.Tests;

/// <summary>Rolling restarts of real processes.</summary>
public sealed class RollingRestartTests
{
    [Fact]
    public async Task The_new_process_serves_when_the_answer_comes_and_the_old_one_is_gone()
    {
        await using var node = TestNode.Start(TestNode.Stub("a"));
        var old = (await node.UntilAsync("a", ServiceState.Healthy)).Pid!.Value;

        Assert.Null((await RollAsync(node)).Error);

        var service = node.Now.State.Services["a"];
        Assert.Equal((ServiceState.Healthy, 2), (service.State, service.Process!.Incarnation));
        Assert.NotEqual(old, service.Pid);
        Processes.AwaitEnd([old], TestNode.Deadline);
        var records = node.Now.State.Log.Read(1).Records;
        Assert.Equal(["svc.roll", "svc.rolled", "svc.drained"], records.Select(EventNames.Of).Where(e => e.StartsWith("svc.rol", StringComparison.Ordinal) || e == "svc.drained"));
        Assert.DoesNotContain(records, r => r.To is not (null or ServiceState.Starting or ServiceState.Healthy));
    }

    [Fact]
    public async Task A_new_process_that_fails_leaves_the_old_one_serving_and_the_answer_says_so()
    {
        await using var node = TestNode.Start(TestNode.Stub("a"));
        var old = (await node.UntilAsync("a", ServiceState.Healthy)).Pid!.Value;
        node.Plan("a", "crash");

        var error = (await RollAsync(node)).Error!;

        Assert.Equal((ErrorCode.Unavailable, "not_replaced"), (error.Code, error.Reason));
        Assert.Equal("a was not replaced: instance 2 exited with code 3 before it was ready; the old instance was left as it was", error.Message);
        Assert.Equal((ServiceState.Healthy, old), (node.Now.State.Services["a"].State, node.Now.State.Services["a"].Pid));
    }

    [Fact]
    public async Task A_new_process_that_never_says_it_is_ready_is_killed_and_the_old_one_serves_on()
    {
        await using var node = TestNode.Start(TestNode.Stub("a") with { Readiness = new ReadinessPolicy { Method = ReadinessMethod.Notify, Timeout = TimeSpan.FromSeconds(3) } });
        var old = (await node.UntilAsync("a", ServiceState.Healthy)).Pid!.Value;
        node.Plan("a", "silent");

        Assert.Contains("instance 2 was not ready within 3 s", (await RollAsync(node)).Error!.Message, StringComparison.Ordinal);

        await node.UntilAsync(n => n.State.Services["a"].Second is null ? n : null);
        Assert.Equal(old, node.Now.State.Services["a"].Pid);
    }

    [Fact]
    public async Task An_old_process_that_does_not_end_is_killed_when_its_drain_is_over()
    {
        await using var node = TestNode.Start(TestNode.Stub("a"), "stubborn");
        await node.UntilAsync("a", ServiceState.Healthy);
        node.Plan("a", "serve");

        Assert.Null((await RollAsync(node, drainMs: 100)).Error);

        Assert.Contains(node.Now.State.Log.Read(1).Records, r => r.Kind == EventKind.ProcessKilled);
    }

    [Fact]
    public async Task A_service_without_a_socket_is_refused()
    {
        await using var node = TestNode.Start(TestNode.Stub("a") with { Socket = null, Program = "/bin/sleep", Arguments = ["1000"], Readiness = new ReadinessPolicy { Method = ReadinessMethod.None } });
        await node.UntilAsync("a", ServiceState.Healthy);

        var error = (await RollAsync(node)).Error!;

        Assert.Equal((ErrorCode.Conflict, "wrong_state"), (error.Code, error.Reason));
        Assert.Contains("has no socket", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_stop_is_answered_when_the_old_instance_is_gone_too()
    {
        await using var node = TestNode.Start(TestNode.Stub("a"), "stubborn");
        var old = (await node.UntilAsync("a", ServiceState.Healthy)).Pid!.Value;
        node.Plan("a", "serve");
        var rolling = RollAsync(node, drainMs: 3000);
        await node.UntilAsync(n => n.State.Services["a"].Second?.Role == SecondRole.Outgoing ? n : null);

        await using var client = await node.ConnectAsync();
        await client.CallAsync("supervisor.svc.stop", new StopParams("a", 100), ContractsJson.Default.StopParams, ContractsJson.Default.StatusResult);

        Assert.False(Directory.Exists($"/proc/{old}"));
        Assert.Null((await rolling).Error);
    }

    private static async Task<RpcResponse> RollAsync(TestNode node, int drainMs = 2000)
    {
        await using var client = await node.ConnectAsync();
        var request = RpcRequest.Of("supervisor.svc.restart", new RestartParams("a", drainMs, Rolling: true), ContractsJson.Default.RestartParams);
        return await client.SendAsync(request with { Deadline = TestNode.Deadline });
    }
}
