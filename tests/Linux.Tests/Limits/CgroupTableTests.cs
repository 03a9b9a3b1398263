namespace Strata.Linux.Tests.Limits;

/// <summary>Texts as recorded on machines of each kind.</summary>
public sealed class CgroupTableTests
{
    private const string Systemd = """
        22 28 0:21 / /proc rw,nosuid - proc proc rw
        35 24 0:30 / /sys/fs/cgroup rw,nosuid,nodev,noexec,relatime shared:9 - cgroup2 cgroup2 rw,nsdelegate,memory_recursiveprot
        """;

    private const string Hybrid = """
        31 23 0:28 / /sys/fs/cgroup rw,relatime - tmpfs tmpfs rw,mode=755
        32 31 0:29 / /sys/fs/cgroup/cpu,cpuacct rw,relatime - cgroup cgroup rw,cpu,cpuacct
        35 31 0:32 / /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory
        39 31 0:36 / /sys/fs/cgroup/pids rw,relatime - cgroup cgroup rw,pids
        40 31 0:37 / /sys/fs/cgroup/systemd rw,relatime - cgroup cgroup rw,xattr,name=systemd
        41 31 0:38 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw
        """;

    private const string HybridGroups = "9:name=systemd:/\n8:pids:/\n4:memory:/slice/strata\n2:cpu,cpuacct:/\n0::/\n";

    // A container of version 1 mounts its own part of each hierarchy, read-only, and still reads the whole path.
    private const string Container = """
        640 639 0:29 /docker/4f2a /sys/fs/cgroup/memory ro,nosuid,nodev,noexec,relatime master:12 - cgroup cgroup rw,memory
        641 639 0:33 /docker/4f2a /sys/fs/cgroup/pids ro,nosuid,nodev,noexec,relatime master:16 - cgroup cgroup rw,pids
        642 639 0:34 /other /mnt/cpu rw - cgroup cgroup rw,cpu
        """;

    private const string ContainerGroups = "5:memory:/docker/4f2a\n4:pids:/docker/4f2a/inner\n3:cpu:/docker/4f2a\n";

    [Theory]
    [InlineData("/system.slice/strata.service/strata.supervisor", "/sys/fs/cgroup/system.slice/strata.service")]
    [InlineData("/system.slice/strata.service", "/sys/fs/cgroup/system.slice/strata.service")]
    [InlineData("/system.slice/not-strata.supervisor", "/sys/fs/cgroup/system.slice/not-strata.supervisor")]
    public void A_supervisor_that_has_moved_below_its_group_still_divides_that_one(string own, string divided) =>
        Assert.Equal(divided, ControlGroups.Divided(Assert.Single(CgroupTable.Parse(Systemd, $"0::{own}\n"))).OwnDirectory);

    [Fact]
    public void Under_systemd_there_is_one_hierarchy_with_its_controllers()
    {
        var found = CgroupTable.Parse(Systemd, "0::/system.slice/strata.service\n");
        var only = Assert.Single(found);
        Assert.Equal("/sys/fs/cgroup/system.slice/strata.service", only.OwnDirectory);
        var plan = CgroupPlan.Choose(found, ["cpu", "memory", "pids"], _ => true);
        Assert.Equal((LimitMechanism.Cgroup2, only.OwnDirectory, only.OwnDirectory), (plan.Mechanism, plan.Memory, plan.Cpu));
        Assert.Equal([only.OwnDirectory], plan.Directories);
    }

    [Fact]
    public void A_hybrid_machine_limits_by_version_1_and_kills_by_version_2()
    {
        var plan = CgroupPlan.Choose(CgroupTable.Parse(Hybrid, HybridGroups), [], _ => true);
        Assert.Equal(
            new CgroupPlan(LimitMechanism.Cgroup1, "/sys/fs/cgroup/memory/slice/strata", "/sys/fs/cgroup/cpu,cpuacct", "/sys/fs/cgroup/pids", "/sys/fs/cgroup/unified"), plan);
    }

    [Fact]
    public void A_container_sees_its_part_and_nothing_that_is_mounted_from_elsewhere()
    {
        var found = CgroupTable.Parse(Container, ContainerGroups);
        Assert.Equal(["/sys/fs/cgroup/memory", "/sys/fs/cgroup/pids/inner"], found.Select(h => h.OwnDirectory));
        Assert.Equal(CgroupPlan.None, CgroupPlan.Choose(found, [], _ => false));
    }

    [Fact]
    public void A_controller_that_cannot_be_used_is_left_out()
    {
        var plan = CgroupPlan.Choose(CgroupTable.Parse(Hybrid, HybridGroups), [], directory => directory.Contains("pids", StringComparison.Ordinal));
        Assert.Equal(new CgroupPlan(LimitMechanism.Cgroup1, null, null, "/sys/fs/cgroup/pids", null), plan);
    }

    [Theory]
    [InlineData("", "")]
    [InlineData("rubbish\n1 2 3\n- - -\n", "rubbish\n::\n")]
    [InlineData("1 2 0:1 / /x rw - cgroup2\n", "0::/\n")]
    public void Texts_without_groups_give_none(string mounts, string groups) =>
        Assert.Equal(CgroupPlan.None, CgroupPlan.Choose(CgroupTable.Parse(mounts, groups), [], _ => true));

    [Fact]
    public void Blanks_in_a_mount_point_are_read()
    {
        var found = CgroupTable.Parse(@"35 24 0:30 / /my\040groups rw - cgroup2 cgroup2 rw", "0::/a");
        Assert.Equal("/my groups/a", Assert.Single(found).OwnDirectory);
    }

    [Fact]
    public void Each_version_is_written_in_its_own_words()
    {
        var limits = new GroupLimits(64 << 20, 0.5, 16);
        var second = new CgroupPlan(LimitMechanism.Cgroup2, "/g", "/g", "/g", "/g");
        Assert.Equal(
            [("limits.memory", "/g/s/memory.max", "67108864"), ("limits.cpu", "/g/s/cpu.max", "50000 100000"), ("limits.pids", "/g/s/pids.max", "16")],
            ServiceGroup.Settings(second, "s", limits));
        var first = new CgroupPlan(LimitMechanism.Cgroup1, "/m", "/c", "/p", null);
        Assert.Equal(
            [
                ("limits.memory", "/m/s/memory.limit_in_bytes", "67108864"), ("limits.cpu", "/c/s/cpu.cfs_period_us", "100000"),
                ("limits.cpu", "/c/s/cpu.cfs_quota_us", "50000"), ("limits.pids", "/p/s/pids.max", "16"),
            ],
            ServiceGroup.Settings(first, "s", limits));
    }
}
