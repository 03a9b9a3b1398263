using System.Globalization;
using Strata.Linux.Interop;

namespace Strata.Linux;

/// <summary>The control group of one process of a service and all it starts; on version 1 a directory in each hierarchy.</summary>
public sealed class ServiceGroup
{
    /// <summary>Rounds of killing what is left where the kernel cannot kill a group at once.</summary>
    public const int MaxKillRounds = 64;

    private const string Processes = "cgroup.procs";

    private readonly CgroupPlan _plan;
    private readonly string _name;
    private readonly IReadOnlyList<string> _directories;

    private ServiceGroup(CgroupPlan plan, string name)
    {
        (_plan, _name) = (plan, name);
        _directories = [.. plan.Directories.Select(directory => Path.Combine(directory, name))];
    }

    /// <summary>The version of the groups.</summary>
    public LimitMechanism Mechanism => _plan.Mechanism;

    /// <summary>The directories.</summary>
    public IReadOnlyList<string> Directories => _directories;

    /// <summary>Whether the kernel has killed a process of the group because it used up the group's memory.</summary>
    public bool RanOutOfMemory => KilledForMemory > 0;

    /// <summary>Processes that the kernel has killed because the group's memory was used up.</summary>
    public long KilledForMemory => _plan.Memory is not { } memory ? 0
        : GroupFiles.NumberOf(Path.Combine(memory, _name, Mechanism == LimitMechanism.Cgroup2 ? "memory.events" : "memory.oom_control"), "oom_kill");

    /// <summary>Processes and threads that were refused because the group has as many as it may.</summary>
    public long RefusedProcesses => _plan.Processes is not { } processes ? 0 : GroupFiles.NumberOf(Path.Combine(processes, _name, "pids.events"), "max");

    /// <summary>Whether no process is left in it.</summary>
    public bool IsEmpty => _directories.All(directory => PidsIn(directory).Count == 0);

    /// <summary>Its name below the directories of <see cref="Plan"/>.</summary>
    public string Name => _name;

    /// <summary>Where it was made.</summary>
    public CgroupPlan Plan => _plan;

    /// <summary>A group that an earlier supervisor made, taken over with what is in it.</summary>
    /// <param name="plan">Where it was made.</param>
    /// <param name="name">Its name; a plain one that only supervisors give.</param>
    /// <returns>Null when the name is not one of a supervisor's groups, or a directory of it is missing.</returns>
    public static ServiceGroup? TryAdopt(CgroupPlan plan, string name)
    {
        var group = new ServiceGroup(plan, name);
        return name.StartsWith("strata.", StringComparison.Ordinal) && !name.Contains('/', StringComparison.Ordinal)
            && group._directories.Count > 0 && group._directories.All(Directory.Exists) ? group : null;
    }

    /// <summary>
    /// Sets the limits of a group that was taken over once more. A group of version 2 loses them when the one above stops passing controllers on, as it must for a
    /// supervisor to be started in it.
    /// </summary>
    /// <param name="limits">The limits.</param>
    /// <returns>The fault; null when they are in force.</returns>
    public string? TryRenew(GroupLimits limits) =>
        (Mechanism == LimitMechanism.Cgroup2 ? ControlGroups.TryDelegate(_plan) : null)
        ?? Settings(_plan, _name, limits).Select(setting => GroupFiles.TryWrite(setting.Path, setting.Value)).FirstOrDefault(fault => fault is not null);

    /// <summary>Whether a process is in it, in every one of its directories.</summary>
    /// <param name="pid">A process.</param>
    public bool Holds(int pid) => _directories.All(directory => PidsIn(directory).Contains(pid));

    /// <summary>Makes the directories and writes the limits; undone when one of it fails.</summary>
    internal static ServiceGroup Make(CgroupPlan plan, string name, GroupLimits limits)
    {
        var group = new ServiceGroup(plan, name);
        string? fault = group._directories.Select(GroupFiles.TryMakeDirectory).FirstOrDefault(f => f is not null);
        if (fault is not null)
        {
            group.TryRemove();
            throw new ConfinementException("limits", fault);
        }

        foreach ((string field, string path, string value) in Settings(plan, name, limits))
        {
            if (GroupFiles.TryWrite(path, value) is { } refused)
            {
                group.TryRemove();
                throw new ConfinementException(field, refused);
            }
        }

        return group;
    }

    /// <summary>What is written where for these limits. Pure.</summary>
    internal static IEnumerable<(string Field, string Path, string Value)> Settings(CgroupPlan plan, string name, GroupLimits limits)
    {
        bool second = plan.Mechanism == LimitMechanism.Cgroup2;
        if (limits.MemoryBytes is { } bytes)
        {
            yield return ("limits.memory", $"{plan.Memory}/{name}/{(second ? "memory.max" : "memory.limit_in_bytes")}", Number(bytes));
        }

        if (limits.CpuQuotaMicroseconds is { } quota)
        {
            string period = Number(GroupLimits.CpuPeriodMicroseconds);
            if (!second)
            {
                yield return ("limits.cpu", $"{plan.Cpu}/{name}/cpu.cfs_period_us", period);
            }

            yield return ("limits.cpu", $"{plan.Cpu}/{name}/{(second ? "cpu.max" : "cpu.cfs_quota_us")}", second ? $"{Number(quota)} {period}" : Number(quota));
        }

        if (limits.Processes is { } processes)
        {
            yield return ("limits.pids", $"{plan.Processes}/{name}/pids.max", Number(processes));
        }
    }

    /// <summary>Puts a process in.</summary>
    /// <param name="pid">The process.</param>
    /// <exception cref="ConfinementException">The kernel refused.</exception>
    public void Admit(int pid)
    {
        foreach (string directory in _directories)
        {
            if (GroupFiles.TryWrite(Path.Combine(directory, Processes), Number(pid)) is { } refused)
            {
                throw new ConfinementException("limits", refused);
            }
        }
    }

    /// <summary>Kills every process of the group, also those that left the service's session.</summary>
    public void Kill()
    {
        if (_plan.Unified is { } unified && GroupFiles.TryWrite(Path.Combine(unified, _name, "cgroup.kill"), "1") is null)
        {
            return;
        }

        // Nobody may be born while the rest die.
        if (_plan.Processes is { } processes)
        {
            _ = GroupFiles.TryWrite(Path.Combine(processes, _name, "pids.max"), "0");
        }

        for (int round = 0; round < MaxKillRounds && KillListed(); round++)
        {
        }
    }

    /// <summary>Removes the group.</summary>
    /// <returns>Whether it is gone; not while a process in it has not ended yet, so try again.</returns>
    public bool TryRemove()
    {
        bool gone = true;
        foreach (string directory in _directories)
        {
            gone &= GroupFiles.TryRemoveDirectory(directory);
        }

        return gone;
    }

    private bool KillListed()
    {
        bool any = false;
        foreach (string directory in _directories)
        {
            foreach (int pid in PidsIn(directory))
            {
                any |= KillIfStillIn(directory, pid);
            }
        }

        return any;
    }

    /// <summary>The pid may have come to mean a stranger since it was read: it is named by a pidfd, then looked up again.</summary>
    private static unsafe bool KillIfStillIn(string directory, int pid)
    {
        int handle = Libc.Result(Libc.pidfd_open(Libc.SYS_pidfd_open, pid, 0));
        if (handle < 0)
        {
            return false;
        }

        using var owned = new FileDescriptor(handle);
        return PidsIn(directory).Contains(pid) && Libc.pidfd_send_signal(Libc.SYS_pidfd_send_signal, handle, Signal.SIGKILL, null, 0) == 0;
    }

    private static List<int> PidsIn(string directory)
    {
        try
        {
            return [.. File.ReadLines(Path.Combine(directory, Processes)).Select(line => int.Parse(line, CultureInfo.InvariantCulture)).Where(pid => pid > 0)];
        }
        catch (IOException)
        {
            return []; // Removed already.
        }
    }

    private static string Number(long value) => value.ToString(CultureInfo.InvariantCulture);
}
