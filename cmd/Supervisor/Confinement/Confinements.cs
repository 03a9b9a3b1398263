using Strata.Linux;
using Strata.Supervision;

namespace Strata.Supervisor;

/// <summary>Says in terms of the kernel what a manifest's confinement means. Pure.</summary>
internal static class Confinements
{
    /// <summary>The confinement of a process; null for none.</summary>
    /// <param name="policy">The manifest's.</param>
    /// <param name="accounts">Asked only when a user or group is named.</param>
    /// <param name="places">Directories that a private /tmp must not hide: the service's sockets and its program.</param>
    internal static Linux.Confinement? Of(ConfinementPolicy? policy, Func<Accounts> accounts, IReadOnlyList<string> places) => policy is null ? null : new Linux.Confinement
    {
        NoNewPrivileges = policy.NoNewPrivileges,
        KeepCapabilities = policy.KeepCapabilities,
        User = policy is { User: null, Group: null } ? null : accounts().Of(policy),
        Files = policy.NamesPaths ? new FileRules(policy.Read, policy.Write, policy.Execute) : null,
        Seccomp = policy.Seccomp switch
        {
            SeccompMode.None => SeccompProfile.None,
            SeccompMode.Strict => SeccompProfile.Strict,
            _ => SeccompProfile.Default,
        },
        NoNetwork = policy.Network == NetworkAccess.None,
        PrivateTmp = policy.PrivateTmp,
        KeptInTmp = policy.PrivateTmp ? places : [],
    };

    /// <summary>The same, with one more directory to read where paths are confined. Pure.</summary>
    internal static Linux.Confinement? AllowRead(Linux.Confinement? confinement, string directory) =>
        confinement?.Files is { } files ? confinement with { Files = files with { Read = [.. files.Read, directory] } } : confinement;
}
