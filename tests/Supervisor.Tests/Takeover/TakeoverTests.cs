using Strata.Linux;
using Strata.Supervision;

namespace Strata.Supervisor.Tests;

/// <summary>Real supervisors that are killed, what they leave, and attacks on it.</summary>
public sealed class TakeoverTests
{
    private const string Outlives = $"{StubService.OutlivesVariable}=1";

    private static readonly string[] Services = ["registry", "identity", "fs"];

    [Fact]
    public async Task What_a_killed_supervisor_ran_is_adopted_and_watched_on()
    {
        using var runtime = new TestRuntime();
        var before = await KillAfterStartAsync(runtime);
        using var next = SupervisorProcess.Start(runtime, Outlives);
        next.AwaitReady();

        foreach (var (name, pid) in before)
        {
            var status = await runtime.StatusAsync(name);
            Assert.Equal(("Healthy", pid, 0), (status.State, status.Pid, status.Restarts));
        }

        // What is not our child any more is noticed when it ends, and replaced.
        Processes.Send(before["fs"], Signal.SIGKILL);
        var crash = await runtime.EventAsync(e => e is { Event: "svc.crash", Service: "fs" });
        Assert.Contains(crash.Crash, new[] { "signal", "unknown" });
        _ = await runtime.EventAsync(e => e is { Event: "svc.healthy", Service: "fs" });
        next.Signal(Signal.SIGTERM);
        Assert.Equal(0, next.AwaitExit().Code);
        Assert.Empty(runtime.Processes);
        Assert.False(File.Exists(StateOf(runtime)));
    }

    [Fact]
    public async Task What_an_operator_stopped_stays_stopped()
    {
        using var runtime = new TestRuntime();
        using (var first = SupervisorProcess.Start(runtime, Outlives))
        {
            first.AwaitReady();
            await using var client = await runtime.ConnectAsync("supervisor");
            await client.CallAsync(
                "supervisor.svc.stop", new Contracts.StopParams("fs"), Contracts.ContractsJson.Default.StopParams, Contracts.ContractsJson.Default.StatusResult);
            first.Signal(Signal.SIGKILL);
            _ = first.AwaitExit();
        }

        using var next = SupervisorProcess.Start(runtime, Outlives);
        next.AwaitAnnouncement(m => m.Status is not null);
        _ = await runtime.EventAsync(e => e is { Event: "svc.taken_over", Service: "fs" });
        Assert.Equal("Stopped", (await runtime.StatusAsync("fs")).State);
        next.Signal(Signal.SIGTERM);
        Assert.Equal(0, next.AwaitExit().Code);
    }

    [Fact]
    public async Task A_record_that_names_a_stranger_leads_nobody_to_touch_it()
    {
        using var stranger = new Stranger();
        using var runtime = new TestRuntime();
        var before = await KillAfterStartAsync(runtime);
        Processes.Send(before["fs"], Signal.SIGKILL);
        Forge(runtime, kept => kept with { Pid = stranger.Pid, StartTicks = stranger.StartTicks });

        using var next = SupervisorProcess.Start(runtime, Outlives);
        next.AwaitAnnouncement(m => m.Status is not null);
        var taken = await runtime.EventAsync(e => e is { Event: "svc.taken_over", Service: "fs" });
        Assert.Contains("cannot be proved to be its own", taken.Cause, StringComparison.Ordinal);
        var status = await runtime.StatusAsync("fs");
        Assert.Equal(("Stopped", 0), (status.State, status.Pid));
        Assert.Contains("event=held_down", runtime.Log, StringComparison.Ordinal);
        next.Signal(Signal.SIGTERM);
        Assert.Equal(0, next.AwaitExit().Code);
        Assert.True(Processes.Runs(stranger.Pid));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_recycled_pid_and_one_of_another_boot_are_strangers_and_the_service_is_started_anew(bool otherBoot)
    {
        using var stranger = new Stranger();
        using var runtime = new TestRuntime();
        foreach (var pid in (await KillAfterStartAsync(runtime)).Values)
        {
            Processes.Send(pid, Signal.SIGKILL);
        }

        Forge(
            runtime,
            kept => kept with { Pid = stranger.Pid, StartTicks = otherBoot ? stranger.StartTicks : stranger.StartTicks + 1 },
            otherBoot ? "00000000-0000-0000-0000-000000000000" : null);

        using var next = SupervisorProcess.Start(runtime, Outlives);
        next.AwaitReady();
        Assert.NotEqual(stranger.Pid, (await runtime.StatusAsync("fs")).Pid);
        next.Signal(Signal.SIGTERM);
        Assert.Equal(0, next.AwaitExit().Code);
        Assert.True(Processes.Runs(stranger.Pid));
    }

    [Theory]
    [InlineData("torn")]
    [InlineData("garbled")]
    [InlineData("huge")]
    [InlineData("foreign")]
    [InlineData("link")]
    [InlineData("gone")]
    [InlineData("newer")]
    public async Task Without_a_record_to_believe_living_processes_are_left_alone_and_their_services_stay_down(string damage)
    {
        using var runtime = new TestRuntime();
        var before = await KillAfterStartAsync(runtime);
        Damage(StateOf(runtime), damage);

        using var next = SupervisorProcess.Start(runtime, Outlives);
        next.AwaitAnnouncement(m => m.Status is not null);
        _ = await runtime.EventAsync(e => e is { Event: "svc.taken_over", Service: "fs" });
        foreach (var (name, pid) in before)
        {
            Assert.Equal(("Stopped", 0), ((await runtime.StatusAsync(name)).State, (await runtime.StatusAsync(name)).Pid));
            Assert.True(Processes.Runs(pid));
            Assert.Contains($"process {pid} bears its mark", runtime.Log, StringComparison.Ordinal);
        }

        Assert.Equal(damage != "gone", runtime.Log.Contains("event=state_unusable", StringComparison.Ordinal));
        next.Signal(Signal.SIGTERM);
        Assert.Equal(0, next.AwaitExit().Code);
        foreach (var pid in before.Values)
        {
            Assert.True(Processes.Runs(pid));
            Processes.Send(pid, Signal.SIGKILL);
        }

        Processes.AwaitEnd(before.Values, TestNode.Deadline);
    }

    private static async Task<Dictionary<string, int>> KillAfterStartAsync(TestRuntime runtime)
    {
        using var first = SupervisorProcess.Start(runtime, Outlives);
        first.AwaitReady();
        var pids = new Dictionary<string, int>();
        foreach (var name in Services)
        {
            pids.Add(name, (await runtime.StatusAsync(name)).Pid);
        }

        first.Signal(Signal.SIGKILL);
        Assert.Equal(Signal.SIGKILL, first.AwaitExit().Signal);
        Assert.All(pids.Values, pid => Assert.True(Processes.Runs(pid)));
        return pids;
    }

    private static string StateOf(TestRuntime runtime) => Path.Combine(runtime.Dir, StateFile.Name);

    /// <summary>Writes a record that is whole, with another process for fs: the checksum is right, as whoever may write the file can make it.</summary>
    private static void Forge(TestRuntime runtime, Func<KeptProcess, KeptProcess> forge, string? boot = null)
    {
        var node = KeptText.Decode(File.ReadAllBytes(StateOf(runtime)), out _)!;
        File.WriteAllBytes(StateOf(runtime), KeptText.Encode(node with
        {
            Boot = boot ?? node.Boot,
            Services = [.. node.Services.Select(s => s.Name == "fs" ? s with { Processes = [.. s.Processes.Select(forge)] } : s)],
        }));
    }

    private static void Damage(string path, string damage)
    {
        var bytes = File.ReadAllBytes(path);
        switch (damage)
        {
            case "torn":
                File.WriteAllBytes(path, bytes[..(bytes.Length / 2)]);
                break;
            case "garbled":
                bytes[^10] ^= 1;
                File.WriteAllBytes(path, bytes);
                break;
            case "huge":
                using (var file = File.OpenWrite(path))
                {
                    file.SetLength(KeptText.MaxBytes + 1);
                }

                break;
            case "foreign":
                File.WriteAllText(path, "{}");
                break;
            case "link":
                File.Move(path, path + ".moved");
                File.CreateSymbolicLink(path, path + ".moved");
                break;
            case "newer":
                File.WriteAllText(path, "strata-node 2 0 00000000\n\n");
                break;
            default:
                File.Delete(path);
                break;
        }
    }

    /// <summary>A process that is none of the node's, and leads a session as a service's does.</summary>
    private sealed class Stranger : IDisposable
    {
        private readonly SpawnThread _thread = new();
        private readonly ChildProcess _process;

        internal Stranger() => _process = _thread.Spawn(new SpawnRequest { Program = "/bin/sleep", Arguments = ["sleep", "1000"], Environment = [] });

        internal int Pid => _process.Pid;

        internal ulong StartTicks => ProcessStat.Of(Pid)!.Value.StartTicks;

        public void Dispose()
        {
            _ = _process.TrySignal(Signal.SIGKILL);
            Processes.AwaitEnd([Pid], TestNode.Deadline);
            _ = _process.TryReap(out _);
            _process.Dispose();
            _thread.Dispose();
        }
    }
}
