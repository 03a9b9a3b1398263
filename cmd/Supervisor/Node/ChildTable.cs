using Strata.Linux;

namespace Strata.Supervisor;

/// <summary>The living processes and whose they are. Belongs to the node's loop.</summary>
internal sealed class ChildTable(Epoll epoll, ulong firstId) : IDisposable
{
    private readonly Dictionary<ulong, Child> _byId = [];
    private readonly Dictionary<int, Child> _byPid = [];
    private ulong _nextId = firstId;

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
    internal ProcessExit? TryCollect(Child child)
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
        return exit;
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
