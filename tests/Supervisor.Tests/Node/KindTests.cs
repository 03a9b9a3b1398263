using Strata.Contracts;
using Strata.Ipc;
using Strata.Supervision;
using static Strata.Supervisor.Tests.TestNode;

namespace Strata.Supervisor.Tests;

/// <summary>Services that end by themselves, with real processes.</summary>
public sealed class KindTests
{
    [Fact]
    public async Task A_oneshot_runs_without_a_socket_before_what_requires_it()
    {
        // Descriptor 3 would be the socket.
        var once = Script("once", "[ -z \"$LISTEN_FDS\" ] && ! [ -e /proc/self/fd/3 ]") with { Kind = ServiceKind.Oneshot };
        await using var node = TestNode.Start(once, Stub("web", "once"));

        await node.UntilAsync("web", ServiceState.Healthy);

        Assert.Equal(ServiceState.Completed, node.Now.State.Services["once"].State);
        Assert.True(node.Now.AllHealthy);
        Assert.False(File.Exists(Path.Combine(node.Settings.RuntimeDir, "once.sock")));
        Assert.NotNull(node.Now.RecordOf("once").ReadyAfter);
    }

    [Fact]
    public async Task A_oneshot_runs_again_when_it_is_restarted_and_the_answer_comes_when_it_has_ended()
    {
        await using var node = TestNode.Start(Script("once", "exit 0") with { Kind = ServiceKind.Oneshot });
        await node.UntilAsync("once", ServiceState.Completed);
        await using var client = await node.ConnectAsync();

        var result = await client.CallAsync(
            "supervisor.svc.restart", new RestartParams("once"), ContractsJson.Default.RestartParams, ContractsJson.Default.StatusResult);

        Assert.Equal("restarted", result.Status);
        Assert.Equal(2, node.Now.State.Services["once"].Incarnation);
    }

    [Fact]
    public async Task A_service_that_rests_by_its_restart_policy_says_so_in_the_list_and_when_asked()
    {
        var never = Script("never", "exit 7") with { Restart = RestartPolicy.Never };
        await using var node = TestNode.Start(never);
        await node.UntilAsync("never", ServiceState.Stopped);
        await using var client = await node.ConnectAsync();

        var list = await client.CallAsync("supervisor.svc.list", new NoParams(), ContractsJson.Default.NoParams, ContractsJson.Default.ServiceList);
        var why = await client.CallAsync(
            "supervisor.svc.explain", new ServiceParams("never"), ContractsJson.Default.ServiceParams, ContractsJson.Default.ServiceExplanation);

        Assert.Equal("exited with code 7; its restart policy never leaves it down", Assert.Single(list.Services).Why);
        Assert.Equal("exited with code 7; its restart policy never leaves it down", why.Why);
        Assert.Equal("nothing, until svc.start never", why.Next);
    }

    [Fact]
    public async Task A_service_is_Healthy_once_it_has_written_a_newline_to_its_readiness_descriptor()
    {
        // Descriptor 4: after the socket. What comes before the newline, even in pieces, means nothing.
        var talks = ByDescriptor("talks", "[ \"$STRATA_READY_FD\" = 4 ] && printf almost >&4 && printf ' ready\\n' >&4; exec sleep 1000");
        await using var node = TestNode.Start(talks, Stub("web", "talks"));

        await node.UntilAsync("web", ServiceState.Healthy);
    }

    [Theory]
    [InlineData("exec 4>&-; exec sleep 1000")]
    [InlineData("head -c 5000 /dev/zero >&4; echo >&4; exec sleep 1000")]
    public async Task A_readiness_descriptor_that_is_closed_or_flooded_without_a_newline_says_nothing(string script)
    {
        var silent = ByDescriptor("silent", script) with { Readiness = new ReadinessPolicy { Method = ReadinessMethod.Fd, Timeout = TimeSpan.FromMilliseconds(800) } };
        await using var node = TestNode.Start(silent);

        var first = await node.RecordAsync(r => r.To is ServiceState.Crashed or ServiceState.Healthy);

        Assert.Equal(ServiceState.Crashed, first.To);
    }

    [Fact]
    public async Task A_newline_counts_though_the_process_has_ended_meanwhile()
    {
        await using var node = TestNode.Start(ByDescriptor("brief", "echo >&4; exit 3") with { Restart = RestartPolicy.Never });

        await node.UntilAsync("brief", ServiceState.Stopped);

        Assert.Contains(node.Now.State.Log.Read(1).Records, r => r.To == ServiceState.Healthy);
    }

    [Fact]
    public async Task A_service_that_is_not_asked_for_it_gets_no_readiness_descriptor()
    {
        var plain = Script("plain", "[ -z \"$STRATA_READY_FD\" ] && ! [ -e /proc/self/fd/4 ]") with { Restart = RestartPolicy.Never };
        await using var node = TestNode.Start(plain);

        await node.RecordAsync(r => r.To == ServiceState.Completed);
    }

    [Theory]
    [InlineData(StopSignal.SIGTERM, "TERM")]
    [InlineData(StopSignal.SIGINT, "INT")]
    [InlineData(StopSignal.SIGQUIT, "QUIT")]
    [InlineData(StopSignal.SIGHUP, "HUP")]
    [InlineData(StopSignal.SIGUSR1, "USR1")]
    [InlineData(StopSignal.SIGUSR2, "USR2")]
    public async Task A_service_without_readiness_is_Healthy_at_once_and_asked_to_end_by_the_signal_of_its_manifest(StopSignal signal, string name)
    {
        // The file tells that the trap is set, and the end which signal came; sleep is killed with the group.
        var script = $"trap 'echo {name} > \"$STRATA_RUNTIME_DIR/got\"; exit 0' {name}; : > \"$STRATA_RUNTIME_DIR/set\"; while :; do sleep 100 & wait; done";
        var manifest = Script("one", script) with
        {
            StopSignal = signal, Readiness = new ReadinessPolicy { Method = ReadinessMethod.None }, DrainTimeout = TimeSpan.FromSeconds(20),
        };
        await using var node = TestNode.Start(manifest);
        await node.UntilAsync("one", ServiceState.Healthy);
        await Patience.UntilAsync(() => File.Exists(Path.Combine(node.Settings.RuntimeDir, "set")));

        node.Loop.Shutdown("the test");
        Assert.Empty(await node.Ended.WaitAsync(Deadline));

        Assert.Equal(name + "\n", await File.ReadAllTextAsync(Path.Combine(node.Settings.RuntimeDir, "got")));
    }

    private static ServiceManifest ByDescriptor(string name, string script) =>
        Script(name, script) with { Readiness = new ReadinessPolicy { Method = ReadinessMethod.Fd, Timeout = TimeSpan.FromSeconds(20) } };

    private static ServiceManifest Script(string name, string script) => new() { Name = name, Program = "/bin/sh", Arguments = ["-c", script] };
}
