using Strata.Contracts;
using Strata.Ipc;
using Strata.Supervision;
using static Strata.Supervisor.Tests.TestNode;

namespace Strata.Supervisor.Tests;

public sealed class MethodTests
{
    [Fact]
    public async Task Status_and_list_show_the_node()
    {
        await using var node = TestNode.Start(Stub("upper", "lower"), Stub("lower"));
        await node.UntilAsync("upper", ServiceState.Healthy);
        await using var client = await node.ConnectAsync();
        var status = await client.CallAsync("supervisor.status", new NoParams(), ContractsJson.Default.NoParams, ContractsJson.Default.NodeStatus);
        Assert.Equal(("local-0", "running"), (status.NodeId, status.State));
        var list = await client.CallAsync("supervisor.svc.list", new NoParams(), ContractsJson.Default.NoParams, ContractsJson.Default.ServiceList);
        Assert.Equal(["lower", "upper"], list.Services.Select(s => s.Name));
        Assert.All(list.Services, s => Assert.True(s is { State: "Healthy", Pid: > 0, Restarts: 0, ReadyMs: >= 0, SinceMs: >= 0 }));
    }

    [Fact]
    public async Task The_graph_shows_dependencies_and_how_the_start_went_whatever_restarts_later()
    {
        await using var node = TestNode.Start(Stub("upper", "lower") with { Wants = ["absent"], Description = "on top" }, Stub("lower"));
        await node.UntilAsync("upper", ServiceState.Healthy);
        await using var client = await node.ConnectAsync();
        var before = (await GraphAsync(client)).Services;
        Assert.Equal(["lower", "upper"], before.Select(s => s.Name));
        Assert.Equal(["lower"], before[1].Requires);
        Assert.Empty(before[1].Wants);
        Assert.Equal((null, "on top"), (before[0].Description, before[1].Description));
        Assert.All(before, s => Assert.True(s is { State: "Healthy", WaitingFor: null } && s.ReadyMs >= s.StartedMs));
        Assert.True(before[1].StartedMs >= before[0].ReadyMs);

        await CommandAsync(client, "restart", "lower");
        await CommandAsync(client, "stop", "lower");
        await CommandAsync(client, "stop", "upper");
        var after = (await GraphAsync(client)).Services;
        Assert.Equal(before.Select(s => (s.StartedMs, s.ReadyMs)), after.Select(s => (s.StartedMs, s.ReadyMs)));
        Assert.Equal(["Stopped", "Stopped"], after.Select(s => s.State));
    }

    [Fact]
    public async Task Stop_answers_when_it_has_stopped_and_start_and_restart_bring_a_new_process()
    {
        await using var node = TestNode.Start(Stub("one"));
        var pid = (await node.UntilAsync("one", ServiceState.Healthy)).Pid!.Value;
        await using var client = await node.ConnectAsync();

        Assert.Equal("stopped", await CommandAsync(client, "stop", "one"));
        Assert.False(Processes.Runs(pid));
        Assert.Equal(ServiceState.Stopped, node.Now.State.Services["one"].State);
        Assert.Equal("stopped", await CommandAsync(client, "stop", "one"));

        Assert.Equal("started", await CommandAsync(client, "start", "one"));
        var second = await node.UntilAsync("one", ServiceState.Healthy);
        Assert.Equal("restarted", await CommandAsync(client, "restart", "one"));
        Assert.Equal(ServiceState.Healthy, node.Now.State.Services["one"].State);
        Assert.NotEqual(second.Pid, node.Now.State.Services["one"].Pid);
    }

    [Fact]
    public async Task A_restart_that_fails_says_why()
    {
        await using var node = TestNode.Start(Stub("one"));
        await node.UntilAsync("one", ServiceState.Healthy);
        node.Plan("one", "crash");
        await using var client = await node.ConnectAsync();
        var error = await Assert.ThrowsAsync<RpcException>(() => CommandAsync(client, "restart", "one"));
        Assert.Equal(ErrorCode.Unavailable, error.Error.Code);
        Assert.Contains("exited with code 3", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("start", "nobody", ErrorCode.NotFound)]
    [InlineData("stop", "nobody", ErrorCode.NotFound)]
    [InlineData("restart", "nobody", ErrorCode.NotFound)]
    [InlineData("explain", "nobody", ErrorCode.NotFound)]
    [InlineData("explain", "supervisor", ErrorCode.NotFound)]
    [InlineData("start", "one", ErrorCode.Conflict)]
    [InlineData("start", "", ErrorCode.InvalidArgument)]
    public async Task What_cannot_be_done_is_refused_by_its_reason(string command, string name, ErrorCode expected)
    {
        await using var node = TestNode.Start(Stub("one"));
        await node.UntilAsync("one", ServiceState.Healthy);
        await using var client = await node.ConnectAsync();
        var error = await Assert.ThrowsAsync<RpcException>(() => CommandAsync(client, command, name));
        Assert.Equal(expected, error.Error.Code);
    }

    [Fact]
    public async Task Nothing_is_started_while_the_node_shuts_down()
    {
        await using var node = TestNode.Start(Stub("one") with { DrainTimeout = TimeSpan.FromSeconds(60) }, "stubborn");
        await node.UntilAsync("one", ServiceState.Healthy);
        await using var client = await node.ConnectAsync();
        node.Loop.Shutdown("the test");
        await node.UntilAsync("one", ServiceState.Stopping);
        var error = await Assert.ThrowsAsync<RpcException>(() => CommandAsync(client, "start", "one"));
        Assert.Equal((ErrorCode.Unavailable, "shutting_down"), (error.Error.Code, error.Error.Reason));
    }

    [Fact]
    public async Task Explain_tells_why_what_next_and_what_to_do()
    {
        var slow = Stub("one") with { Backoff = new BackoffPolicy { Initial = TimeSpan.FromMinutes(1), Max = TimeSpan.FromMinutes(1) } };
        await using var node = TestNode.Start(slow, "crash");
        await node.UntilAsync("one", ServiceState.Restarting);
        await using var client = await node.ConnectAsync();
        var why = await client.CallAsync(
            "supervisor.svc.explain", new ServiceParams("one"), ContractsJson.Default.ServiceParams, ContractsJson.Default.ServiceExplanation);
        Assert.Equal(("Restarting", "exited with code 3", 1), (why.State, why.LastCrash, why.CrashesInWindow));
        Assert.Equal("the next attempt", why.Next);
        Assert.InRange(why.NextInMs!.Value, 1, 60_000);
        Assert.Contains("svc.start one", why.Advice, StringComparison.Ordinal);
    }

    private static async Task<string> CommandAsync(RpcClient client, string command, string name)
    {
        var response = await client.SendAsync(RpcRequest.Of($"supervisor.svc.{command}", new ServiceParams(name), ContractsJson.Default.ServiceParams)
            with { Deadline = Deadline });
        return command == "explain" ? response.Get(ContractsJson.Default.ServiceExplanation).State : response.Get(ContractsJson.Default.StatusResult).Status;
    }

    private static Task<ServiceGraph> GraphAsync(RpcClient client) =>
        client.CallAsync("supervisor.graph", new NoParams(), ContractsJson.Default.NoParams, ContractsJson.Default.ServiceGraph);
}
