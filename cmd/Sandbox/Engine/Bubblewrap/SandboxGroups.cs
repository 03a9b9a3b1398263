using System.Collections.Concurrent;
using System.Globalization;
using Strata.Ipc;
using Strata.Linux;

namespace Strata.Sandbox;

/// <summary>The control groups that this machine lets the service make, one a sandbox.</summary>
internal sealed class SandboxGroups
{
    private const int EmptyPatienceMs = 1000;

    private readonly Lock _guard = new();
    private readonly ControlGroups _groups = ControlGroups.Discover();
    private readonly string? _unified;
    private readonly ConcurrentQueue<SandboxGroup> _left = new();
    private long _made;

    internal SandboxGroups()
    {
        _groups.Settle();
        Fault = _groups.TryPrepare();
        _unified = _groups.Plan.Unified ?? UnifiedAlone();
    }

    /// <summary>What enforces limits.</summary>
    internal LimitMechanism Mechanism => Plan.Mechanism == LimitMechanism.None ? LimitMechanism.Rlimit : Plan.Mechanism;

    /// <summary>Why groups that are there cannot be divided; null when they can, or when there are none.</summary>
    internal string? Fault { get; }

    /// <summary>Whether groups can be killed and frozen whole.</summary>
    internal bool HasTree => _unified is not null;

    /// <summary>What is limited by groups.</summary>
    internal CgroupPlan Plan => Fault is null ? _groups.Plan : CgroupPlan.None;

    /// <summary>Makes the group of a sandbox.</summary>
    /// <exception cref="SandboxException">A limit cannot be enforced on this machine.</exception>
    internal SandboxGroup Create(SandboxPlan plan)
    {
        var limits = plan.Limits;
        if (limits.Cpus is not null && Plan.Cpu is null)
        {
            throw CpuRefused();
        }

        try
        {
            lock (_guard)
            {
                if (Mechanism == LimitMechanism.Rlimit)
                {
                    return new SandboxGroup(null, _unified is null ? null : new GroupTree(_unified).Add(NameOf(plan.Id)));
                }

                // A limit without a controller of its own is a limit of each process instead.
                var group = _groups.Create("sandbox-" + plan.Id, new GroupLimits(
                    _groups.Plan.Memory is null ? null : limits.MemoryBytes, limits.Cpus, _groups.Plan.Processes is null ? null : SandboxGroup.WithOurOwn(limits.Processes ?? EnteringScript.DefaultProcesses)));
                return new SandboxGroup(group, group.Plan.Unified is { } unified ? new GroupTree(Path.Combine(unified, group.Name)) : null);
            }
        }
        catch (ConfinementException e)
        {
            throw new SandboxException(ErrorCode.Unavailable, SandboxReasons.SandboxUnavailable, e.Message);
        }
    }

    /// <summary>Removes a group whose processes have been killed, and what could not be removed of others before.</summary>
    internal void Remove(SandboxGroup group)
    {
        if (!group.TryRemove(EmptyPatienceMs))
        {
            _left.Enqueue(group); // The kernel is not done with one of its processes.
        }

        for (int count = _left.Count; count > 0 && _left.TryDequeue(out var other); count--)
        {
            if (!other.TryRemove(0))
            {
                _left.Enqueue(other);
            }
        }
    }

    /// <summary>Ends and removes what an earlier process of the service left of a sandbox.</summary>
    internal void CleanUp(string id)
    {
        string[] roots = [.. _groups.Plan.Directories.Append(_unified).OfType<string>().Distinct(StringComparer.Ordinal)];
        foreach (string directory in roots.SelectMany(root => Directory.EnumerateDirectories(root, $"strata.*.sandbox-{id}.*")))
        {
            var tree = new GroupTree(directory);
            if (tree.Processes() is { Count: > 0 } left && !tree.TryKill())
            {
                foreach (int pid in left)
                {
                    KillIfIn(tree, pid);
                }
            }

            _ = tree.TryAwaitEmpty(EmptyPatienceMs);
            _ = tree.TryRemove();
        }
    }

    private static void KillIfIn(GroupTree tree, int pid)
    {
        try
        {
            using var handle = ProcessHandle.Open(pid);
            if (tree.Processes().Contains(pid))
            {
                _ = ProcessHandle.TrySignal(handle, Signal.SIGKILL);
            }
        }
        catch (LinuxException)
        {
            // It has ended.
        }
    }

    private string NameOf(string id) => string.Create(CultureInfo.InvariantCulture, $"strata.{Environment.ProcessId}.sandbox-{id}.u{++_made}");

    private static SandboxException CpuRefused() => new(ErrorCode.Unavailable, SandboxReasons.LimitsUnavailable,
        "limits.cpus takes a control group with the controller 'cpu', which this service has not; run the node as root or where it has one (under systemd: Delegate=yes), or ask for neither limits.cpus nor require_limits");

    // Without any controller the hierarchy still knows who belongs together.
    private static string? UnifiedAlone()
    {
        try
        {
            string? own = CgroupTable.Parse(File.ReadAllText("/proc/self/mountinfo"), File.ReadAllText("/proc/self/cgroup")).FirstOrDefault(h => h.IsVersion2)?.OwnDirectory;
            if (own is null)
            {
                return null;
            }

            var probe = new GroupTree(own).Add(string.Create(CultureInfo.InvariantCulture, $"strata.{Environment.ProcessId}.probe"));
            bool kills = File.Exists(Path.Combine(probe.Directory, "cgroup.kill"));
            return probe.TryRemove() && kills ? own : null;
        }
        catch (Exception e) when (e is IOException or ConfinementException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
