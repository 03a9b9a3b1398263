using Strata.Linux;
using Strata.Supervision;

namespace Strata.Supervisor.Tests.Confinement;

public sealed class SpawnLimitsTests
{
    private static readonly LimitsPolicy All = new() { MemoryBytes = 64 << 20, Cpus = 0.5, Pids = 8, OpenFiles = 64 };
    private static readonly CgroupPlan Second = new(LimitMechanism.Cgroup2, "/g", "/g", "/g", "/g");

    [Fact]
    public void Without_limits_the_machine_is_not_even_looked_at()
    {
        var none = SpawnLimits.Choose(LimitsPolicy.None, () => throw new InvalidOperationException("looked"), runsAsRoot: true);
        Assert.Equal(new SpawnLimits(LimitMechanism.None, null, null), none);
    }

    [Fact]
    public void A_control_group_limits_the_service_and_descriptors_are_each_processs_own()
    {
        var chosen = SpawnLimits.Choose(All, () => Second, runsAsRoot: true);
        Assert.Equal(new SpawnLimits(LimitMechanism.Cgroup2, new ResourceLimits { OpenFiles = 64 }, new GroupLimits(64 << 20, 0.5, 8)), chosen);
        Assert.Equal("cgroup2", SpawnLimits.NameOf(chosen.Mechanism));
        Assert.Equal("rlimit", SpawnLimits.NameOf(SpawnLimits.Choose(new LimitsPolicy { OpenFiles = 64 }, () => Second, true).Mechanism));
    }

    [Fact]
    public void Without_control_groups_the_closest_limit_of_a_process_stands_in()
    {
        var chosen = SpawnLimits.Choose(All with { Cpus = null }, () => CgroupPlan.None, runsAsRoot: false);
        Assert.Equal(
            new SpawnLimits(LimitMechanism.Rlimit, new ResourceLimits { OpenFiles = 64, AddressSpaceBytes = 64 << 20, ProcessesOfUser = 8 }, null), chosen);
    }

    [Fact]
    public void What_nothing_enforces_is_refused_by_name()
    {
        Assert.Equal("limits.cpu", Refused(new LimitsPolicy { Cpus = 1 }, CgroupPlan.None, runsAsRoot: false));
        Assert.Equal("limits.pids", Refused(new LimitsPolicy { Pids = 8 }, CgroupPlan.None, runsAsRoot: true));
        Assert.Equal("limits.pids", Refused(new LimitsPolicy { Pids = 8 }, Second with { Processes = null }, runsAsRoot: true));
    }

    private static string Refused(LimitsPolicy limits, CgroupPlan plan, bool runsAsRoot) =>
        Assert.Throws<ConfinementException>(() => SpawnLimits.Choose(limits, () => plan, runsAsRoot)).Field;
}
