using Strata.Linux;
using Strata.Supervision;

namespace Strata.Supervisor;

/// <summary>The living processes and whose they are. Belongs to the node's loop.</summary>
internal sealed class ChildTable(Epoll epoll, ulong firstId) : IDisposable
{
    /// <summary>Attempts to remove a control group.</summary>
    internal const int MaxRemovals = 100;

    private static readonly TimeSpan RemovalPause = TimeSpan.FromMilliseconds(50);

    private readonly Dictionary<ulong, Child> _byId = [];
    private readonly Dictionary<int, Child> _byPid = [];
    private ulong _nextId = firstId;

    /// <summary>Told of a service's control group when its process has ended, before what is left in it is killed.</summary>
    internal Action<string, ServiceGroup>? OnGroupEnd { get; init; }

    internal IReadOnlyCollection<Child> All => _byId.Values;

    /// <summary>Takes a process in and watches for its end.</summary>
    internal Child Add(string name, int incarnation, ChildProcess process)
    {
        var child = new Child(_nextId++, name, incarnation, process);
        epoll.Add(process.Handle.Number, EpollEvents.Readable, child.Id);
        _byId.Add(child.Id, child);
        _byPid.Add(process.Pid, child);
        return child;
    }

    internal Child? OfId(ulong id) => _byId.GetValueOrDefault(id);

    internal Child? OfPid(int pid) => _byPid.GetValueOrDefault(pid);

    internal Child? Of(string name, int incarnation) => _byId.Values.FirstOrDefault(c => c.Incarnation == incarnation && c.Name == name);

    /// <summary>
    /// Takes the exit of a process that has ended, null while it lives. What is left of its group is killed first, while
    /// its number still belongs to it: a new instance must not meet the old one's children.
    /// </summary>
    internal ExitStatus? TryCollect(Child child)
    {
        if (child.Process.TryPeekExit(out _) == 0)
        {
            return null;
        }

        _ = child.Process.TrySignalGroup(Signal.SIGKILL);
        _ = child.Process.TryReap(out var exit);
        _ = epoll.TryRemove(child.Process.Handle.Number);
        _byId.Remove(child.Id);
        _byPid.Remove(child.Process.Pid);
        child.Process.Dispose();
        var status = exit.Signal is { } signal ? ExitStatus.BySignal(signal)
            : exit.Code is { } code ? ExitStatus.WithCode(code)
            : ExitStatus.Unknown;
        if (child.Process.Group is { } ended)
        {
            OnGroupEnd?.Invoke(child.Name, ended);
        }

        return child.Process.Group is { } group ? status with { OutOfMemory = Clear(group) } : status;
    }

    /// <summary>Ends whatever of the group left the service's session, and removes it.</summary>
    /// <returns>Whether the service had run out of memory.</returns>
    private static bool Clear(ServiceGroup group)
    {
        var starved = group.RanOutOfMemory;
        group.Kill();
        if (!group.TryRemove())
        {
            _ = RemoveLaterAsync(group);
        }

        return starved;
    }

    // The kernel takes a moment to bury the dead. What is left after the last attempt is removed by the next supervisor.
    private static async Task RemoveLaterAsync(ServiceGroup group)
    {
        for (var attempt = 0; attempt < MaxRemovals && !group.TryRemove(); attempt++)
        {
            await Task.Delay(RemovalPause, TimeProvider.System).ConfigureAwait(false);
        }
    }

    public void Dispose()
    {
        foreach (var child in _byId.Values)
        {
            child.Process.Dispose();
        }
    }

    internal sealed record Child(ulong Id, string Name, int Incarnation, ChildProcess Process);
}
