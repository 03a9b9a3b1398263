using System.Globalization;
using Strata.Linux;

namespace Strata.Sandbox.Tests;

[Collection(nameof(ChaosTests))] // One of them counts all that the process has.
public sealed class EngineTests
{
    [Fact]
    public void The_report_says_of_everything_that_was_probed_how_it_is_and_what_makes_it_good()
    {
        using var engine = new BubblewrapEngine();

        var report = engine.Report;

        Assert.True(report.Usable, string.Join('\n', report.Findings));
        Assert.Equal(["bubblewrap", "sandbox", "seccomp", "overlay", "limits", "ids"], report.Findings.Select(finding => finding.Name));
        Assert.All(report.Findings, finding => Assert.Equal(finding.Good, finding.Remedy is null));
    }

    [Theory]
    [InlineData(LimitMechanism.Rlimit, false, false, null, "rlimit; memory_bytes is held for each process by itself, cpus is not held at all")]
    [InlineData(LimitMechanism.Cgroup2, true, false, null, "cgroup2; cpus is not held at all")]
    [InlineData(LimitMechanism.Rlimit, false, false, "others are in it", "rlimit; memory_bytes is held for each process by itself, cpus is not held at all, others are in it")]
    [InlineData(LimitMechanism.Cgroup1, true, true, null, "cgroup1")]
    public void The_limits_that_nothing_holds_are_named(LimitMechanism mechanism, bool memory, bool cpu, string? fault, string said)
    {
        var plan = new CgroupPlan(mechanism, memory ? "/m" : null, cpu ? "/c" : null, null, null);

        var finding = EngineProbe.LimitsOf(mechanism, plan, hasTree: false, fault);

        Assert.Equal(said, finding.What);
        Assert.Equal(finding.Good, finding.Remedy is null);
        Assert.Equal(memory && cpu, finding.Good);
    }

    [Theory]
    [InlineData("/proc/sys/user/max_user_namespaces", "0", true, "user.max_user_namespaces")]
    [InlineData("/proc/sys/kernel/apparmor_restrict_unprivileged_userns", "1", false, "apparmor_restrict_unprivileged_userns=0")]
    [InlineData("/proc/sys/kernel/unprivileged_userns_clone", "0", false, "unprivileged_userns_clone=1")]
    public void A_setting_that_forbids_user_namespaces_is_named(string path, string value, bool root, string advice) =>
        Assert.Contains(advice, NamespaceAdvice.Of(read => read == path ? value + "\n" : null, root), StringComparison.Ordinal);

    [Fact]
    public void Root_is_not_told_of_settings_for_others() =>
        Assert.Null(NamespaceAdvice.Of(path => path.EndsWith("max_user_namespaces", StringComparison.Ordinal) ? "100\n" : path.Contains("apparmor", StringComparison.Ordinal) ? "1\n" : "0\n", root: true));

    [Fact]
    public async Task Nothing_of_a_sandbox_is_ever_mounted_on_the_host()
    {
        await using var fixture = new EngineFixture();
        string before = File.ReadAllText("/proc/self/mountinfo");
        var sandbox = await fixture.CreateAsync(fixture.Plan() with { Limits = new SandboxLimits(DiskBytes: 1 << 20) });

        Assert.Equal(before, File.ReadAllText("/proc/self/mountinfo"));
        Assert.NotEqual(File.ReadAllText("/proc/self/mountinfo"), File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{sandbox.InitPid}/mountinfo")));
    }

    [Theory]
    [InlineData("mount(/mnt/root)", Errno.ENODEV, true, true)]
    [InlineData("mount(/mnt/root)", Errno.EPERM, true, true)]
    [InlineData("mount(/mnt/root)", Errno.ENOENT, true, false)]
    [InlineData("unshare", Errno.EPERM, true, false)]
    [InlineData("mount(/mnt/root)", Errno.EPERM, false, false)]
    public async Task A_machine_without_overlays_is_told_what_takes_them(string call, int errno, bool bounded, bool told)
    {
        await using var fixture = new EngineFixture();
        var plan = fixture.Plan() with { Limits = new SandboxLimits(DiskBytes: bounded ? 1 << 20 : null) };

        Assert.Equal(told, EngineProbe.FaultOf(plan, call, -errno).Contains("load the module overlay", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_is_changed_within_a_bound_is_counted()
    {
        await using var fixture = new EngineFixture();
        var bounded = await fixture.CreateAsync(fixture.Plan() with { Limits = new SandboxLimits(DiskBytes: 8 << 20) });
        long? before = bounded.Usage().DiskBytes;

        Assert.Equal(0, (await bounded.ShellAsync("head -c 2097152 /dev/zero > /workspace/big")).Exit.Code);

        Assert.InRange(bounded.Usage().DiskBytes - before ?? 0, 2 << 20, 3 << 20);
        Assert.Null((await fixture.CreateAsync()).Usage().DiskBytes);
    }

    [Fact]
    public async Task A_sandbox_that_ends_by_itself_says_so()
    {
        await using var fixture = new EngineFixture();
        var sandbox = await fixture.CreateAsync();
        using var init = ProcessHandle.Open(sandbox.InitPid);

        _ = ProcessHandle.TrySignal(init, Signal.SIGKILL);

        await sandbox.Ended.Soon();
        var error = await Assert.ThrowsAsync<SandboxException>(() => sandbox.ShellAsync("true"));
        Assert.Equal(SandboxReasons.SessionLost, error.Reason);
    }

    [Fact]
    public async Task Making_and_ending_leaves_no_descriptor_no_process_and_no_group()
    {
        await using var fixture = new EngineFixture();
        await (await fixture.CreateAsync()).DisposeAsync(); // What is made once is made.
        int descriptors = Directory.GetFileSystemEntries("/proc/self/fd").Length;
        var ids = new List<string>();
        for (int i = 0; i < 10; i++)
        {
            var sandbox = await fixture.CreateAsync();
            ids.Add(sandbox.Plan.Id);
            _ = await sandbox.ShellAsync("true");
            await sandbox.DisposeAsync();
        }

        await Patience.UntilAsync(() => Directory.GetFileSystemEntries("/proc/self/fd").Length <= descriptors + 8); // Other tests run beside.
        await Patience.UntilAsync(async () =>
        {
            if (!Groups().Exists(group => ids.Exists(id => group.Contains(id, StringComparison.Ordinal))))
            {
                return true;
            }

            await (await fixture.CreateAsync()).DisposeAsync(); // A group that the kernel was not done with goes with the next one.
            return false;
        });
        await Patience.UntilAsync(() => Zombies().Count == 0); // Those of tests beside this one are reaped as well.
    }

    [Fact]
    public async Task What_an_earlier_service_left_of_a_sandbox_is_ended_and_removed_by_its_id()
    {
        await using var fixture = new EngineFixture();
        Assert.SkipUnless(fixture.Engine.Groups.HasTree, "needs control groups");
        var plan = fixture.Plan();
        var sandbox = await fixture.CreateAsync(plan);
        using var process = await sandbox.StartAsync(new SandboxedStart { Program = "sleep", Arguments = ["sleep", "1000"], Environment = SandboxRuns.Environment, WorkingDirectory = "/" }, CancellationToken.None).Soon();
        using var next = new BubblewrapEngine();

        next.CleanUp(plan.Id);

        Assert.Equal(Signal.SIGKILL, (await process.Exited.Soon()).Signal);
        await sandbox.Ended.Soon();
        await Patience.UntilAsync(() =>
        {
            next.CleanUp(plan.Id); // The kernel may not be done yet with a process that has ended.
            return !Groups().Exists(group => group.Contains(plan.Id, StringComparison.Ordinal));
        });
    }

    private static List<string> Groups() => !Directory.Exists("/sys/fs/cgroup") ? [] :
        [.. Directory.EnumerateDirectories("/sys/fs/cgroup", $"strata.{System.Environment.ProcessId}.sandbox-*", new EnumerationOptions { RecurseSubdirectories = true, IgnoreInaccessible = true })];

    private static List<string> Zombies() => [.. Directory.EnumerateDirectories("/proc").Select(Path.GetFileName).OfType<string>().Where(name => int.TryParse(name, out _))
        .Where(name => ProcessStat.Of(int.Parse(name)) is { IsZombie: true } stat && stat.Parent == System.Environment.ProcessId)];
}
