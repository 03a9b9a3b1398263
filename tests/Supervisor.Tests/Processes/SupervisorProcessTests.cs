using Strata.Contracts;
using Strata.Ipc;
using Strata.Linux;

namespace Strata.Supervisor.Tests;

public sealed class SupervisorProcessTests
{
    private static readonly string[] AllSockets = ["fs.sock", "identity.sock", "notify.sock", "registry.sock", "supervisor.sock"];

    [Fact]
    public async Task A_node_starts_registers_everybody_and_leaves_nothing_behind()
    {
        using var runtime = new TestRuntime();
        using var supervisor = SupervisorProcess.Start(runtime);
        supervisor.AwaitReady();
        Assert.Equal(AllSockets, runtime.Sockets.Order(StringComparer.Ordinal));
        await UntilRegisteredAsync(runtime, "supervisor", "registry", "identity", "fs");

        supervisor.Signal(Signal.SIGTERM);
        Assert.Equal(0, supervisor.AwaitExit().Code);
        Assert.Empty(runtime.Processes);
        Assert.Empty(runtime.Sockets);
        Assert.Equal("", File.ReadAllText(Path.Combine(runtime.Dir, NodeDirectories.LockName)));
        Assert.Contains("service fs Healthy after ", runtime.Log, StringComparison.Ordinal);
        var audit = File.ReadAllText(Path.Combine(runtime.Dir, "state/audit/supervisor.jsonl"));
        Assert.Contains("\"event\":\"svc.start\"", audit, StringComparison.Ordinal);
        Assert.Contains("\"event\":\"svc.stop\"", audit, StringComparison.Ordinal);
    }

    [Fact]
    public void A_second_supervisor_on_the_same_directory_is_refused_and_disturbs_nobody()
    {
        using var runtime = new TestRuntime();
        using var first = SupervisorProcess.Start(runtime);
        first.AwaitReady();
        using var second = SupervisorProcess.Start(runtime);
        Assert.Equal(SupervisorProgram.ExitAlreadyRuns, second.AwaitExit().Code);
        Assert.Contains($"another supervisor (pid {first.Pid}) runs on {runtime.Dir}", runtime.Log, StringComparison.Ordinal);
        Assert.Equal(4, runtime.Processes.Count);
        Assert.Equal(AllSockets, runtime.Sockets.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_supervisor_that_exits_with_its_children_takes_them_along_when_killed_and_the_next_one_starts_over_its_leftovers()
    {
        using var runtime = new TestRuntime();
        using (var first = SupervisorProcess.Start(runtime, "STRATA_EXIT_WITH_CHILDREN=1", $"{StubService.OutlivesVariable}=1"))
        {
            first.AwaitReady();
            var all = runtime.Processes;
            Assert.Equal(4, all.Count);
            first.Signal(Signal.SIGKILL);
            Assert.Equal(Signal.SIGKILL, first.AwaitExit().Signal);
            Processes.AwaitEnd(all, TestNode.Deadline);
        }

        Assert.Equal(AllSockets, runtime.Sockets.Order(StringComparer.Ordinal));
        using var second = SupervisorProcess.Start(runtime);
        second.AwaitReady();
        second.Signal(Signal.SIGINT);
        Assert.Equal(0, second.AwaitExit().Code);
    }

    [Fact]
    public async Task A_signal_in_the_middle_of_the_start_ends_what_has_been_started()
    {
        using var runtime = new TestRuntime();
        runtime.Plan("identity", "silent");
        using var supervisor = SupervisorProcess.Start(runtime);
        supervisor.AwaitAnnouncement(m => m.Status is not null);
        Assert.Equal("Starting", (await runtime.StatusAsync("fs")).State);
        supervisor.Signal(Signal.SIGTERM);
        Assert.Equal(0, supervisor.AwaitExit().Code);
        Assert.Empty(runtime.Processes);
        Assert.Empty(runtime.Sockets);
    }

    [Fact]
    public void A_signal_as_soon_as_the_first_socket_is_bound_leaves_no_process()
    {
        using var runtime = new TestRuntime();
        using var bound = new ManualResetEventSlim();
        using var watcher = new FileSystemWatcher(runtime.Dir, "*.sock") { EnableRaisingEvents = true };
        watcher.Created += (_, _) => bound.Set();
        using var supervisor = SupervisorProcess.Start(runtime);
        Assert.True(bound.Wait(TestNode.Deadline));
        supervisor.Signal(Signal.SIGTERM);
        var exit = supervisor.AwaitExit();

        // Either before the supervisor listens to signals, and then before it started anything, or in good order.
        Assert.True(exit.Code == 0 || exit.Signal == Signal.SIGTERM, exit.ToString());
        Assert.Empty(runtime.Processes);
    }

    [Fact]
    public async Task Clients_of_a_killed_service_wait_and_are_served_and_find_every_entry_again()
    {
        using var runtime = new TestRuntime();
        using var supervisor = SupervisorProcess.Start(runtime);
        supervisor.AwaitReady();
        await UntilRegisteredAsync(runtime, "supervisor", "registry", "identity", "fs");
        var before = (await runtime.StatusAsync("registry")).Pid;
        Processes.Send(before, Signal.SIGKILL);
        await using var waiting = await runtime.ConnectAsync("registry");
        var list = await waiting.CallAsync(
            "registry.list", new NoParams(), ContractsJson.Default.NoParams, ContractsJson.Default.RegistryList, deadline: TestNode.Deadline);
        Assert.NotNull(list);
        await UntilRegisteredAsync(runtime, "supervisor", "registry", "identity", "fs");
        var after = await runtime.StatusAsync("registry");
        Assert.NotEqual(before, after.Pid);
        Assert.Equal(1, after.Restarts);
        Assert.Contains("SIGKILL", after.LastCrash, StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_program_is_told_before_anything_is_started()
    {
        using var runtime = new TestRuntime();
        using var supervisor = SupervisorProcess.Start(runtime, "STRATA_FS_BIN=/nowhere/fs");
        Assert.Equal(Hosting.ServiceHost.ExitUnusable, supervisor.AwaitExit().Code);
        Assert.Contains("STRATA_FS_BIN is /nowhere/fs, which is not an executable file", runtime.Log, StringComparison.Ordinal);
        Assert.Empty(runtime.Sockets);
    }

    private static async Task UntilRegisteredAsync(TestRuntime runtime, params string[] names)
    {
        await using var client = await runtime.ConnectAsync("registry");
        await RegistryWatch.UntilAsync(client, names);
    }

    [Fact]
    public void A_runtime_directory_too_long_for_sockets_is_named_before_anything_is_made()
    {
        using var runtime = new TestRuntime();
        var tooLong = Path.Combine(runtime.Dir, new string('x', 100));
        using var supervisor = SupervisorProcess.Start(runtime, $"STRATA_RUNTIME_DIR={tooLong}");
        Assert.Equal(78, supervisor.AwaitExit().Code);
        Assert.Contains("supervisor: STRATA_RUNTIME_DIR is too long", runtime.Log, StringComparison.Ordinal);
        Assert.False(Directory.Exists(tooLong));
    }

    [Fact]
    public void A_place_that_others_can_replace_is_told_at_the_start()
    {
        using var runtime = new TestRuntime();
        File.SetUnixFileMode(Directory.CreateDirectory(Path.Combine(runtime.Dir, "open")).FullName, (UnixFileMode)0x1ff);
        using var supervisor = SupervisorProcess.Start(runtime, $"STRATA_STATE_DIR={runtime.Dir}/open/state");
        supervisor.AwaitReady();
        Assert.Contains("STRATA_STATE_DIR: '", runtime.Log, StringComparison.Ordinal);
        Assert.DoesNotContain("STRATA_RUNTIME_DIR: '", runtime.Log, StringComparison.Ordinal);
        supervisor.Signal(Signal.SIGTERM);
        Assert.Equal(0, supervisor.AwaitExit().Code);
    }
}
