using Strata.Linux;
using Strata.Supervision;

namespace Strata.Supervisor;

/// <summary>How this machine enforces a manifest's limits.</summary>
/// <param name="Mechanism">What enforces them.</param>
/// <param name="Each">Limits of each process; null for none.</param>
/// <param name="Whole">Limits of the service as a whole; null when no control group is needed.</param>
internal sealed record SpawnLimits(LimitMechanism Mechanism, ResourceLimits? Each, GroupLimits? Whole)
{
    /// <summary>Chooses: a control group for what concerns the service as a whole, else the closest limit of a process. Pure.</summary>
    /// <param name="limits">The manifest's.</param>
    /// <param name="groups">What control groups there are.</param>
    /// <param name="runsAsRoot">Whether the service's user is root, whom a limit of processes does not bind.</param>
    /// <exception cref="ConfinementException">Nothing here enforces a limit.</exception>
    internal static SpawnLimits Choose(LimitsPolicy limits, Func<CgroupPlan> groups, bool runsAsRoot)
    {
        var each = new ResourceLimits { OpenFiles = limits.OpenFiles };
        if (!limits.IsOfTheWhole)
        {
            return each.IsEmpty ? new SpawnLimits(LimitMechanism.None, null, null) : new SpawnLimits(LimitMechanism.Rlimit, each, null);
        }

        var plan = groups();
        var whole = new GroupLimits(
            plan.Memory is null ? null : limits.MemoryBytes, plan.Cpu is null ? null : limits.Cpus, plan.Processes is null ? null : limits.Pids);
        if (limits.Cpus is not null && plan.Cpu is null)
        {
            throw new ConfinementException("limits.cpu", "only a control group with the controller 'cpu' can enforce it, and there is none here that the supervisor may divide; leave it out, or run the supervisor where there is (under systemd: Delegate=yes)");
        }

        if (limits.Pids is not null && plan.Processes is null && runsAsRoot)
        {
            throw new ConfinementException("limits.pids", "without a control group only the processes of a user other than root can be limited; give confinement.user, or run the supervisor where it may divide control groups");
        }

        each = each with
        {
            AddressSpaceBytes = plan.Memory is null ? limits.MemoryBytes : null,
            ProcessesOfUser = plan.Processes is null ? limits.Pids : null,
        };
        return new SpawnLimits(whole.IsEmpty ? LimitMechanism.Rlimit : plan.Mechanism, each.IsEmpty ? null : each, whole.IsEmpty ? null : whole);
    }

    /// <summary>The mechanism as <c>svc.list</c> names it.</summary>
    internal static string NameOf(LimitMechanism mechanism) => mechanism switch
    {
        LimitMechanism.Cgroup2 => "cgroup2",
        LimitMechanism.Cgroup1 => "cgroup1",
        LimitMechanism.Rlimit => "rlimit",
        _ => "none",
    };
}
