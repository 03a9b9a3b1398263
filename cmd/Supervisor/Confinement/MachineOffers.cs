using Strata.Linux;

namespace Strata.Supervisor;

/// <summary>What a machine has to confine services with.</summary>
/// <param name="Paths">Landlock.</param>
/// <param name="SystemCalls">Filters of system calls, and libseccomp to write them.</param>
/// <param name="Root">Whether the supervisor is root, and so has capabilities that a service could keep.</param>
internal sealed record MachineOffers(bool Paths, bool SystemCalls, bool Root)
{
    private static readonly Lazy<MachineOffers> Found = new(() => new MachineOffers(Landlock.Version > 0, SeccompFilter.IsAvailable, UserId.Effective == 0) { Scopes = Landlock.CanScope });

    /// <summary>Whether the supervisor has a capability; a root in a container lacks some.</summary>
    internal Func<string, bool> Has { get; init; } = CapabilitySet.Holds;

    /// <summary>Whether a service can be kept to its own processes, which not every Landlock can.</summary>
    internal bool Scopes { get; init; } = Paths;

    /// <summary>This machine; looked at once.</summary>
    internal static MachineOffers Here => Found.Value;
}
