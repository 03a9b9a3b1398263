using System.Globalization;
using Strata.Linux;

namespace Strata.Sandbox;

/// <summary>The control group of one sandbox, with groups below it for each process that is started in it.</summary>
/// <param name="limits">Where its limits are; null when it has none by groups.</param>
/// <param name="tree">Where it is killed and frozen whole; null where nothing can do that.</param>
internal sealed class SandboxGroup(ServiceGroup? limits, GroupTree? tree)
{
    // bubblewrap, the first process, and whoever is on its way in.
    private const int OurOwn = 3;

    private int _started;

    internal GroupTree? Tree => tree;

    /// <summary>Whether processes are counted by a group.</summary>
    internal bool CountsProcesses => limits?.Plan.Processes is not null;

    /// <summary>Whether memory is counted by a group.</summary>
    internal bool CountsMemory => limits?.Plan.Memory is not null;

    internal static int WithOurOwn(int processes) => processes + OurOwn;

    /// <summary>Puts bubblewrap in, before it has started anything.</summary>
    internal void Admit(int pid)
    {
        limits?.Admit(pid);
        if (limits is null)
        {
            tree?.Admit(pid);
        }
    }

    /// <summary>Puts a process in that is about to enter the sandbox.</summary>
    internal void Admit(int pid, GroupTree? own)
    {
        if (limits is { Mechanism: LimitMechanism.Cgroup1 } || own is null)
        {
            limits?.Admit(pid);
        }

        own?.Admit(pid);
    }

    /// <summary>A group for a process and all it will start; null where there are none.</summary>
    internal GroupTree? AddProcess() => tree?.Add(string.Create(CultureInfo.InvariantCulture, $"p{Interlocked.Increment(ref _started)}"));

    /// <summary>What it uses.</summary>
    internal (long? MemoryBytes, long? CpuMicroseconds) Usage()
    {
        bool second = limits?.Mechanism == LimitMechanism.Cgroup2;
        long? memory = limits?.Plan.Memory is { } directory
            ? new GroupTree(Path.Combine(directory, limits.Name)).NumberOf(second ? "memory.current" : "memory.usage_in_bytes") : null;
        return (memory, tree?.NumberOf("cpu.stat", "usage_usec"));
    }

    /// <summary>Removes it, once the last of its processes, which have been killed, is gone from it.</summary>
    /// <returns>Whether it is gone.</returns>
    internal bool TryRemove(int patienceMs)
    {
        _ = tree?.TryAwaitEmpty(patienceMs);
        bool gone = tree?.TryRemove() ?? true;
        return (limits?.TryRemove() ?? true) && gone;
    }
}
