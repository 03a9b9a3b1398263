using System.Globalization;
using Strata.Linux.Interop;

namespace Strata.Linux;

/// <summary>The control groups that this machine lets us make for services, below our own group. Not for several threads at once.</summary>
public sealed class ControlGroups
{
    private const string SupervisorGroup = "strata.supervisor";
    private const string Processes = "cgroup.procs";

    private readonly string _prefix;
    private string? _delegationFault;
    private bool _delegated;
    private long _made;

    /// <summary>Works with a plan.</summary>
    /// <param name="plan">Where groups can be made.</param>
    public ControlGroups(CgroupPlan plan)
    {
        Plan = plan;
        _prefix = string.Create(CultureInfo.InvariantCulture, $"strata.{Environment.ProcessId}.");
    }

    /// <summary>Where groups are made.</summary>
    public CgroupPlan Plan { get; }

    /// <summary>Looks at this machine.</summary>
    public static ControlGroups Discover()
    {
        try
        {
            var hierarchies = CgroupTable.Parse(File.ReadAllText("/proc/self/mountinfo"), File.ReadAllText("/proc/self/cgroup")).Select(Divided).ToList();
            RemoveStale(hierarchies);
            string? unified = hierarchies.FirstOrDefault(h => h.IsVersion2)?.OwnDirectory;
            string controllers = unified is null ? "" : ReadOrEmpty(Path.Combine(unified, "cgroup.controllers"));
            return new ControlGroups(CgroupPlan.Choose(hierarchies, controllers.Split([' ', '\n'], StringSplitOptions.RemoveEmptyEntries), IsUsable));
        }
        catch (IOException)
        {
            return new ControlGroups(CgroupPlan.None);
        }
    }

    /// <summary>
    /// Leaves a group of version 2 that this process has for itself to those it will start, by moving into one below. To be called before anything is
    /// started: what is started stays in the group of its parent, and a group that holds processes passes no controllers on.
    /// </summary>
    public void Settle()
    {
        if (Plan is { Mechanism: LimitMechanism.Cgroup2, Unified: { } own } && ReadOrEmpty(Path.Combine(own, Processes)).Trim() == OwnPid)
        {
            _delegated = TryDelegate(Plan) is null; // Otherwise the first service with limits says why.
        }
    }

    /// <summary>Does what making the first group with limits would do before: has our own group of version 2 pass its controllers on.</summary>
    /// <returns>Why that is not possible, so that no group with limits can be made; null when it is.</returns>
    public string? TryPrepare()
    {
        try
        {
            if (Plan.Mechanism == LimitMechanism.Cgroup2)
            {
                Delegate();
            }

            return null;
        }
        catch (ConfinementException e)
        {
            return e.Message;
        }
    }

    /// <summary>The group that is divided: of a supervisor that has moved below it, the one above. Pure.</summary>
    internal static CgroupHierarchy Divided(CgroupHierarchy hierarchy) =>
        hierarchy.IsVersion2 && hierarchy.OwnDirectory.EndsWith("/" + SupervisorGroup, StringComparison.Ordinal)
            ? hierarchy with { OwnDirectory = hierarchy.OwnDirectory[..^(SupervisorGroup.Length + 1)] }
            : hierarchy;

    /// <summary>Makes the group of one process of a service and sets its limits.</summary>
    /// <param name="service">The service's name.</param>
    /// <param name="limits">Its limits.</param>
    /// <exception cref="ConfinementException">A limit cannot be enforced; it names the manifest's field.</exception>
    public ServiceGroup Create(string service, GroupLimits limits)
    {
        Require(limits.MemoryBytes is not null, Plan.Memory, "limits.memory", "memory");
        Require(limits.Cpus is not null, Plan.Cpu, "limits.cpu", "cpu");
        Require(limits.Processes is not null, Plan.Processes, "limits.pids", "pids");
        if (Plan.Mechanism == LimitMechanism.Cgroup2)
        {
            Delegate();
        }

        string name;
        do
        {
            // After an upgrade in place our predecessor of the same pid has used some.
            name = string.Create(CultureInfo.InvariantCulture, $"{_prefix}{service}.{++_made}");
        }
        while (Plan.Directories.Any(directory => Directory.Exists(Path.Combine(directory, name))));

        return ServiceGroup.Make(Plan, name, limits);
    }

    /// <summary>Removes empty groups of supervisors that are no more. One with processes in it stays: the kernel refuses.</summary>
    private static void RemoveStale(IReadOnlyList<CgroupHierarchy> hierarchies)
    {
        foreach (string directory in hierarchies.Select(h => h.OwnDirectory).Where(Directory.Exists).SelectMany(d => Directory.EnumerateDirectories(d, "strata.*.*.*")))
        {
            string pid = Path.GetFileName(directory).Split('.')[1];
            if (!Directory.Exists("/proc/" + pid))
            {
                _ = GroupFiles.TryRemoveDirectory(directory);
            }
        }
    }

    private static void Require(bool wanted, string? directory, string field, string controller)
    {
        if (wanted && directory is null)
        {
            throw new ConfinementException(field, $"there is no control group with the controller '{controller}' that the supervisor may divide; run it where it has one (under systemd: Delegate=yes), or leave the field out");
        }
    }

    /// <summary>A group of version 2 that passes controllers on may not hold processes itself: the supervisor moves into one below.</summary>
    private void Delegate()
    {
        if (_delegated)
        {
            return;
        }

        if (_delegationFault is null && TryDelegate(Plan) is { } fault)
        {
            _delegationFault = fault;
        }

        _delegated = _delegationFault is null ? true : throw new ConfinementException("limits", _delegationFault);
    }

    /// <summary>Has the group of version 2 pass its controllers on; the fault otherwise.</summary>
    internal static string? TryDelegate(CgroupPlan plan)
    {
        string own = plan.Unified!;
        string wanted = string.Join(' ', new[] { (plan.Memory, "+memory"), (plan.Cpu, "+cpu"), (plan.Processes, "+pids") }.Where(p => p.Item1 is not null).Select(p => p.Item2));
        string control = Path.Combine(own, "cgroup.subtree_control");
        if (TryWrite(control, wanted) is null)
        {
            return null; // The group at the top of a machine may do both.
        }

        string below = Path.Combine(own, SupervisorGroup);
        string? fault = GroupFiles.TryMakeDirectory(below)
            ?? TryWrite(Path.Combine(below, Processes), OwnPid)
            ?? TryWrite(control, wanted);
        return fault is null ? null : $"the supervisor's control group {own} cannot be divided ({fault}); give the supervisor one for itself alone (under systemd: Delegate=yes)";
    }

    private static string OwnPid => Environment.ProcessId.ToString(CultureInfo.InvariantCulture);

    private static string? TryWrite(string path, string text) => GroupFiles.TryWrite(path, text);

    private static string ReadOrEmpty(string path) => File.Exists(path) ? File.ReadAllText(path) : "";

    /// <summary>Whether a group can be made here, found by making one: permissions alone do not tell, a file system may be read-only or a container forbid it.</summary>
    private static bool IsUsable(string directory)
    {
        string probe = Path.Combine(directory, string.Create(CultureInfo.InvariantCulture, $"strata.{Environment.ProcessId}.probe"));
        return GroupFiles.TryMakeDirectory(probe) is null && GroupFiles.TryRemoveDirectory(probe);
    }
}
