namespace Strata.Linux;

/// <summary>Below which directories services get their groups.</summary>
/// <param name="Mechanism"><see cref="LimitMechanism.Cgroup2"/>, <see cref="LimitMechanism.Cgroup1"/>, or <see cref="LimitMechanism.None"/>.</param>
/// <param name="Memory">Directory that limits memory; null when nothing does.</param>
/// <param name="Cpu">Directory that limits processor time.</param>
/// <param name="Processes">Directory that limits processes.</param>
/// <param name="Unified">Directory of the unified hierarchy, which can kill a group whole; also beside version 1.</param>
public sealed record CgroupPlan(LimitMechanism Mechanism, string? Memory, string? Cpu, string? Processes, string? Unified)
{
    /// <summary>No control groups.</summary>
    public static CgroupPlan None { get; } = new(LimitMechanism.None, null, null, null, null);

    /// <summary>Every directory once.</summary>
    public IReadOnlyList<string> Directories => [.. new[] { Memory, Cpu, Processes, Unified }.OfType<string>().Distinct(StringComparer.Ordinal)];

    /// <summary>Chooses: version 2 as soon as it has one of the controllers, otherwise what version 1 has. Pure.</summary>
    /// <param name="hierarchies">What is mounted.</param>
    /// <param name="unifiedControllers">Controllers that the unified hierarchy has in this process's group, from its file cgroup.controllers.</param>
    /// <param name="isUsable">Whether groups can be made below a directory.</param>
    public static CgroupPlan Choose(IReadOnlyList<CgroupHierarchy> hierarchies, IReadOnlyCollection<string> unifiedControllers, Func<string, bool> isUsable)
    {
        string? unified = hierarchies.FirstOrDefault(h => h.IsVersion2)?.OwnDirectory is { } directory && isUsable(directory) ? directory : null;
        string? WithUnified(string controller) => unifiedControllers.Contains(controller) ? unified : null;
        var second = new CgroupPlan(LimitMechanism.Cgroup2, WithUnified("memory"), WithUnified("cpu"), WithUnified("pids"), unified);
        if (second is not { Memory: null, Cpu: null, Processes: null })
        {
            return second;
        }

        string? First(string controller) =>
            hierarchies.FirstOrDefault(h => !h.IsVersion2 && h.Controllers.Contains(controller))?.OwnDirectory is { } own && isUsable(own) ? own : null;
        var first = new CgroupPlan(LimitMechanism.Cgroup1, First("memory"), First("cpu"), First("pids"), unified);
        return first is { Memory: null, Cpu: null, Processes: null } ? None : first;
    }
}
