using System.Collections.Immutable;
using Strata.Linux;
using Strata.Supervision;

namespace Strata.Supervisor;

/// <summary>Keeps the record up to date. Belongs to the node's loop.</summary>
/// <param name="file">Where it is kept.</param>
/// <param name="boot">The present boot.</param>
/// <param name="generation">Which supervisor in a row this is.</param>
/// <param name="sockets">The listening sockets.</param>
/// <param name="childrenEnd">Whether processes end with their supervisor.</param>
internal sealed class Recorder(StateFile file, string boot, int generation, NodeSockets sockets, bool childrenEnd)
{
    private readonly Dictionary<(string Name, int Incarnation), KeptProcess> _processes = [];

    /// <summary>Which supervisor in a row this is, from 1.</summary>
    internal int Generation => generation;

    /// <summary>Whether processes end with their supervisor.</summary>
    internal bool ChildrenEnd => childrenEnd;

    /// <summary>A process exists.</summary>
    internal void Add(string name, KeptProcess process) => _processes[(name, process.Incarnation)] = process;

    /// <summary>A process is gone, and its status known to the machine with the next record.</summary>
    internal void Remove(string name, int incarnation) => _processes.Remove((name, incarnation));

    /// <summary>Writes the record: before anything that follows from this state is done.</summary>
    internal void Save(NodeSnapshot node)
    {
        if (node.State.Ended && node.State.Abandoned.IsEmpty)
        {
            file.Remove();
            return;
        }

        file.Write(new KeptNode(boot, generation, [.. node.State.Services.Values.Select(service => Of(node, service))])
        {
            ShuttingDown = node.State.ShuttingDown,
            LastIncarnation = node.State.LastIncarnation,
            ChildrenEnd = childrenEnd,
        });
    }

    /// <summary>What is kept of a process that has just been made.</summary>
    internal static KeptProcess Of(int incarnation, int pid, ServiceGroup? group) => new(incarnation, pid, ProcessStat.Of(pid)?.StartTicks ?? 0)
    {
        Group = group is null ? null : new KeptGroup(
            group.Mechanism == LimitMechanism.Cgroup2 ? 2 : 1, group.Name, group.Plan.Memory, group.Plan.Cpu, group.Plan.Processes, group.Plan.Unified),
    };

    private KeptService Of(NodeSnapshot node, Supervision.ServiceStatus service)
    {
        var socket = sockets.IdentityOf(service.Name);
        return KeptService.Of(service) with
        {
            Restarts = node.RecordOf(service.Name).Restarts,
            Processes = [.. _processes.Where(p => p.Key.Name == service.Name).Select(p => p.Value).OrderBy(p => p.Incarnation)],
            SocketInode = socket?.Socket,
            PathInode = socket?.Path,
        };
    }
}
