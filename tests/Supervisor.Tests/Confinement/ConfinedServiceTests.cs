using Strata.Contracts;
using Strata.Ipc;
using Strata.Linux;
using Strata.Supervision;
using static Strata.Supervisor.Tests.TestNode;

namespace Strata.Supervisor.Tests.Confinement;

/// <summary>Services under a real supervisor, confined by their manifests.</summary>
public sealed class ConfinedServiceTests
{
    private const string HogScript = "my @x; push @x, 'a' x (1 << 20) for 1..4096; sleep 1000";

    private static readonly CgroupPlan Groups = ControlGroups.Discover().Plan;

    [Fact]
    public async Task A_service_has_no_capabilities_no_new_privileges_and_a_filter_unless_it_says_otherwise()
    {
        await using var node = TestNode.Start(Stub("one"));
        var service = await node.UntilAsync("one", ServiceState.Healthy);
        var status = await File.ReadAllLinesAsync($"/proc/{service.Pid}/status");
        Assert.Contains("NoNewPrivs:\t1", status);
        Assert.Contains("CapEff:\t0000000000000000", status);
        Assert.Contains("Seccomp:\t2", status);
    }

    [Fact]
    public async Task A_trusted_service_is_as_the_supervisor()
    {
        await using var node = TestNode.Start(Stub("one") with { Confinement = null });
        var service = await node.UntilAsync("one", ServiceState.Healthy);
        Assert.Contains("Seccomp:\t0", await File.ReadAllLinesAsync($"/proc/{service.Pid}/status"));
    }

    [Fact]
    public async Task A_confined_service_that_dies_comes_back_confined()
    {
        await using var node = TestNode.Start(Stub("one") with { Limits = new LimitsPolicy { OpenFiles = 256 } });
        var first = await node.UntilAsync("one", ServiceState.Healthy);
        Processes.Send(first.Pid!.Value, Signal.SIGKILL);
        var second = await node.UntilAsync(n => n.State.Services["one"] is { State: ServiceState.Healthy, Incarnation: 2 } s ? s : null);
        Assert.Equal(256ul, OpenFileLimit.Get(second.Pid!.Value).Hard);
        Assert.Contains("NoNewPrivs:\t1", await File.ReadAllLinesAsync($"/proc/{second.Pid}/status"));
        Assert.Equal("rlimit", await EnforcerAsync(node));
    }

    [Fact]
    public async Task A_memory_hog_is_killed_and_the_crash_says_that_it_was_for_memory()
    {
        var hog = new ServiceManifest
        {
            Name = "hog", Program = "/usr/bin/perl", Arguments = ["-e", HogScript], Limits = new LimitsPolicy { MemoryBytes = 32 << 20 },
            Readiness = new ReadinessPolicy { Method = ReadinessMethod.None },
            Backoff = new BackoffPolicy { Initial = TimeSpan.FromMinutes(1), Max = TimeSpan.FromMinutes(1) },
        };
        await using var node = TestNode.Start(hog);
        var crash = await node.RecordAsync(r => r.To == ServiceState.Crashed);
        if (Groups.Memory is null)
        {
            Assert.Equal("rlimit", await EnforcerAsync(node)); // Its allocation is refused instead, and the program ends by itself.
            Assert.Equal(CrashKind.ExitCode, crash.Crash!.Kind);
            return;
        }

        Assert.Equal(CrashKind.OutOfMemory, crash.Crash!.Kind);
        Assert.Contains("limits.memory", crash.Cause, StringComparison.Ordinal);
        Assert.Equal(SpawnLimits.NameOf(Groups.Mechanism), await EnforcerAsync(node));
        await Patience.UntilAsync(() => GroupsOf("hog").Count == 0);
    }

    [Fact]
    public async Task What_left_the_services_session_is_gone_with_its_group()
    {
        if (Groups.Processes is null)
        {
            return; // A service limited so would be refused, which is tested with the choice of limits.
        }

        var escaping = new ServiceManifest
        {
            Name = "escaping", Program = "/usr/bin/perl", Limits = new LimitsPolicy { Pids = 16 },
            Readiness = new ReadinessPolicy { Method = ReadinessMethod.None },
            Arguments = ["-e", "use POSIX; if (!fork) { setsid; exec 'sleep', '1000' } sleep 1000"],
        };
        await using var node = TestNode.Start(escaping);
        var started = await node.UntilAsync(n => n.State.Services["escaping"] is { Pid: not null } s ? s : null);
        var group = Assert.Single(GroupsOf("escaping"), d => File.Exists(Path.Combine(d, "pids.max")));
        await Patience.UntilAsync(() => File.ReadAllLines(Path.Combine(group, "cgroup.procs")).Length == 2);
        var pids = File.ReadAllLines(Path.Combine(group, "cgroup.procs")).Select(int.Parse).ToList();
        node.Loop.Shutdown("the test");
        Assert.Empty(await node.Ended.WaitAsync(Deadline));
        Processes.AwaitEnd(pids, Deadline);
        Assert.Contains(started.Pid!.Value, pids);
        await Patience.UntilAsync(() => GroupsOf("escaping").Count == 0);
    }

    [Fact]
    public async Task What_the_machine_cannot_do_is_a_crash_that_names_the_field()
    {
        var asking = Stub("one") with { Confinement = new ConfinementPolicy { Read = ["/nowhere/to/be/found"] } };
        await using var node = TestNode.Start(asking);
        var crash = await node.RecordAsync(r => r.To == ServiceState.Crashed);
        Assert.Equal(CrashKind.SpawnFailed, crash.Crash!.Kind);
        Assert.Contains("confinement.read", crash.Cause, StringComparison.Ordinal);
    }

    private static List<string> GroupsOf(string service) =>
        [.. Groups.Directories.SelectMany(d => Directory.GetDirectories(d, $"strata.{Environment.ProcessId}.{service}.*"))];

    private static async Task<string?> EnforcerAsync(TestNode node)
    {
        await using var client = await node.ConnectAsync();
        var list = await client.CallAsync("supervisor.svc.list", new NoParams(), ContractsJson.Default.NoParams, ContractsJson.Default.ServiceList);
        return Assert.Single(list.Services).EnforcedBy;
    }
}
