using Strata.Contracts;
using Strata.Ipc;
using Strata.Supervision;
using static Strata.Supervisor.Tests.TestNode;

namespace Strata.Supervisor.Tests;

public sealed class TimerRunTests
{
    private static readonly ServiceManifest EverySecond = Timer(new TimerPolicy { Every = TimeSpan.FromSeconds(1) });

    [Fact]
    public async Task A_timer_runs_at_its_times_and_says_when_it_runs_next()
    {
        await using var node = TestNode.Start(EverySecond);
        await node.RecordAsync(r => r is { Service: "tick", To: ServiceState.Waiting, Incarnation: 2 });
        Assert.Equal("xx", await File.ReadAllTextAsync(Path.Combine(node.Settings.RuntimeDir, "ran")));
        var records = node.Now.State.Log.Read(1).Records.Where(r => r is { From: ServiceState.Waiting, To: ServiceState.Starting }).ToList();
        Assert.InRange(records[1].At.Monotonic - records[0].At.Monotonic, TimeSpan.FromMilliseconds(500), TimeSpan.FromSeconds(20));

        await using var client = await node.ConnectAsync();
        var why = await client.CallAsync("supervisor.svc.explain", new ServiceParams("tick"), ContractsJson.Default.ServiceParams, ContractsJson.Default.ServiceExplanation);
        Assert.True(why.State is "Waiting" or "Starting", why.State);
        Assert.False(File.Exists(node.Settings.SocketOf("tick")));
    }

    [Fact]
    public async Task An_operator_runs_it_now_and_a_node_with_a_waiting_timer_is_running()
    {
        await using var node = TestNode.Start(Timer(new TimerPolicy { Every = TimeSpan.FromHours(100) }));
        await node.UntilAsync("tick", ServiceState.Waiting);
        await using var client = await node.ConnectAsync();
        var list = await client.CallAsync("supervisor.svc.list", new NoParams(), ContractsJson.Default.NoParams, ContractsJson.Default.ServiceList);
        Assert.True(list.Services.Single() is { State: "Waiting", NextRunMs: > 359_000_000 and <= 360_000_000, Skipped: null, Why: "the node starts" }, list.Services.Single().ToString());
        Assert.True(node.Now.AllHealthy);

        var restart = new StopParams("tick");
        var answer = await client.CallAsync("supervisor.svc.restart", restart, ContractsJson.Default.StopParams, IpcJson.Default.StatusResult, deadline: Deadline);
        Assert.Equal("restarted", answer.Status);
        Assert.Equal("x", await File.ReadAllTextAsync(Path.Combine(node.Settings.RuntimeDir, "ran")));
    }

    [Fact]
    public async Task When_a_timer_ran_is_kept_for_the_next_supervisor_and_forgotten_with_the_timer()
    {
        using var directory = new TempDirectory();
        var memory = new RunMemory(Hosting.NodeSettings.From(name => name == "STRATA_RUNTIME_DIR" ? directory.Path : null), Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance);
        Assert.Empty(memory.Load());
        var at = new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);
        Directory.CreateDirectory(directory["state"], (UnixFileMode)0x1C0);
        await memory.Keep("a", at).Soon();
        await memory.Keep("b", at).Soon();
        await memory.Keep("a", at + TimeSpan.FromDays(1)).Soon();
        await memory.Keep("b", null).Soon();
        File.WriteAllText(directory["state/timers/c"], new string('x', 100_000));
        File.WriteAllText(directory["state/timers/d"], "");

        Assert.Equal([KeyValuePair.Create("a", at + TimeSpan.FromDays(1))], memory.Load());
    }

    [Fact]
    public async Task A_time_that_was_missed_while_the_node_was_down_is_made_up_for()
    {
        var timer = Timer(new TimerPolicy { Every = TimeSpan.FromHours(100), CatchUp = true });
        await using var node = TestNode.Start(timer, new Dictionary<string, DateTimeOffset> { ["tick"] = TimeProvider.System.GetUtcNow() - TimeSpan.FromHours(101) });
        var record = await node.RecordAsync(r => r is { Service: "tick", From: ServiceState.Waiting, To: ServiceState.Starting });
        Assert.Equal("makes up for a time it missed", record.Cause);
        await Patience.UntilAsync(() => File.Exists(Path.Combine(node.Settings.StateDir, "timers/tick")));
    }

    private static ServiceManifest Timer(TimerPolicy policy) => new()
    {
        Name = "tick", Program = "/bin/sh", Arguments = ["-c", "printf x >> \"$STRATA_RUNTIME_DIR/ran\""], Kind = ServiceKind.Timer, Timer = policy,
    };
}
