using Strata.Contracts;
using Strata.Ipc;
using Strata.Linux;

namespace Strata.Supervisor.Tests;

/// <summary>A service that waits for its first connection while the supervisor is replaced.</summary>
public sealed class OnDemandTakeoverTests
{
    private const string Outlives = $"{StubService.OutlivesVariable}=1";

    [Fact]
    public async Task After_a_supervisors_death_the_next_one_listens_again_and_a_connection_starts_the_service()
    {
        using var runtime = new TestRuntime();
        Declare(runtime);
        using (var first = SupervisorProcess.Start(runtime, Outlives))
        {
            first.AwaitReady();
            Assert.Equal("Listening", (await runtime.StatusAsync("lazy")).State);
            first.Signal(Signal.SIGKILL);
            _ = first.AwaitExit();
        }

        // No process held its socket but the dead supervisor: nobody can wait on it meanwhile.
        Assert.Equal(Errno.ECONNREFUSED, Assert.Throws<LinuxException>(() => UnixSocket.Connect(PathOf(runtime))).Errno);
        using var next = SupervisorProcess.Start(runtime, Outlives);
        next.AwaitReady();
        Assert.Equal(("Listening", 0), ((await runtime.StatusAsync("lazy")).State, (await runtime.StatusAsync("lazy")).Pid));
        await ConnectionStartsItAsync(runtime);
        next.Signal(Signal.SIGTERM);
        Assert.Equal(0, next.AwaitExit().Code);
        Assert.Empty(runtime.Processes);
    }

    [Fact]
    public async Task A_service_that_a_connection_started_is_adopted_with_its_socket()
    {
        using var runtime = new TestRuntime();
        Declare(runtime);
        int pid;
        using (var first = SupervisorProcess.Start(runtime, Outlives))
        {
            first.AwaitReady();
            await ConnectionStartsItAsync(runtime);
            pid = (await runtime.StatusAsync("lazy")).Pid;
            first.Signal(Signal.SIGKILL);
            _ = first.AwaitExit();
        }

        using var waiting = UnixSocket.Connect(PathOf(runtime));
        using var next = SupervisorProcess.Start(runtime, Outlives);
        next.AwaitReady();
        Assert.Equal(("Healthy", pid), ((await runtime.StatusAsync("lazy")).State, (await runtime.StatusAsync("lazy")).Pid));
        next.Signal(Signal.SIGTERM);
        Assert.Equal(0, next.AwaitExit().Code);
    }

    [Fact]
    public async Task An_upgrade_keeps_its_socket_and_it_still_waits_for_a_connection()
    {
        using var runtime = new TestRuntime();
        Declare(runtime);
        using var supervisor = SupervisorProcess.Start(runtime, Outlives);
        supervisor.AwaitReady();
        Assert.Equal(0, FileStatus.TryGetNoFollow(PathOf(runtime), out var before));
        await using (var client = await runtime.ConnectAsync("supervisor"))
        {
            var request = RpcRequest.Of("supervisor.upgrade", new UpgradeParams(null), ContractsJson.Default.UpgradeParams);
            Assert.Null((await client.SendAsync(request with { Deadline = TestNode.Deadline })).Error);
        }

        // Answered by the next program: its socket is inherited, and nobody is refused on it.
        await Patience.UntilAsync(async () => await GenerationAsync(runtime) == 2);
        Assert.Equal(0, FileStatus.TryGetNoFollow(PathOf(runtime), out var after));
        Assert.Equal(before.Inode, after.Inode);
        await ConnectionStartsItAsync(runtime);
        supervisor.Signal(Signal.SIGTERM);
        Assert.Equal(0, supervisor.AwaitExit().Code);
        Assert.Empty(runtime.Processes);
    }

    private static async Task<int> GenerationAsync(TestRuntime runtime)
    {
        try
        {
            await using var client = await runtime.ConnectAsync("supervisor");
            return (await client.CallAsync("supervisor.status", new NoParams(), ContractsJson.Default.NoParams, ContractsJson.Default.NodeStatus)).SupervisorGeneration ?? 0;
        }
        catch (RpcException)
        {
            return 0; // The old program closed the connection when it left.
        }
    }

    private static void Declare(TestRuntime runtime) =>
        runtime.Declare("lazy", $$"""{ "name": "lazy", "exec": ["{{StubService.Program}}"], "socket": { "on_demand": true } }""");

    private static string PathOf(TestRuntime runtime) => Path.Combine(runtime.Dir, "lazy.sock");

    private static async Task ConnectionStartsItAsync(TestRuntime runtime)
    {
        using var connection = UnixSocket.Connect(PathOf(runtime));
        await Patience.UntilAsync(async () => await runtime.StatusAsync("lazy") is { State: "Healthy", Pid: > 0 });
    }
}
