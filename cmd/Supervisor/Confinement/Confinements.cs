using System.Collections.Immutable;
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
            SeccompMode.Namespaces => SeccompProfile.Namespaces,
            _ => SeccompProfile.Default,
        },
        OwnProcesses = policy.Processes == ProcessReach.Own,
        NoNetwork = policy.Network == NetworkAccess.None,
        PrivateTmp = policy.PrivateTmp,
        KeptInTmp = policy.PrivateTmp ? places : [],
    };

    /// <summary>The policy with the node's directories in its paths, and without what this machine lacks where that is allowed. Pure.</summary>
    /// <param name="policy">The manifest's; null for none.</param>
    /// <param name="directories">What <see cref="PathVariables"/> stand for.</param>
    /// <param name="own">The directory with the supervisor and the built-in services' own programs.</param>
    /// <param name="offers">What this machine has.</param>
    internal static ConfinementPolicy? Here(ConfinementPolicy? policy, IReadOnlyDictionary<string, string> directories, string own, MachineOffers offers)
    {
        if (policy is null)
        {
            return null;
        }

        ImmutableArray<string> Expand(ImmutableArray<string> paths) => [.. paths.Select(path => PathVariables.Expand(path, directories))];
        var here = policy with { Read = Expand(policy.Read), Write = Expand(policy.Write), Execute = Expand(policy.Execute) };
        if (!policy.BestEffort)
        {
            return here;
        }

        if (directories[PathVariables.ProgramDir] != own && policy.NamesPaths)
        {
            // Somebody's program in the place of a built-in one may be a script around it, which runs other programs.
            here = here with { Execute = here.Execute.Add(own), Seccomp = SeccompMode.Default };
        }

        here = offers.Paths ? here : here with { Read = [], Write = [], Execute = [] };
        here = offers.Scopes ? here : here with { Processes = ProcessReach.All };
        here = offers.SystemCalls ? here : here with { Seccomp = SeccompMode.None };
        return here with { KeepCapabilities = offers.Root ? [.. here.KeepCapabilities.Where(offers.Has)] : [] };
    }

    /// <summary>What of a policy is left out where this machine lacks it, in words; empty when all of it is in force. Pure.</summary>
    internal static ImmutableArray<string> Lacking(ConfinementPolicy? policy, MachineOffers offers) => policy is not { BestEffort: true } ? [] :
    [
        .. policy.NamesPaths && !offers.Paths ? ["paths (no Landlock)"] : Array.Empty<string>(),
        .. policy.Processes == ProcessReach.Own && !offers.Scopes ? ["processes (no Landlock of version 6)"] : Array.Empty<string>(),
        .. policy.Seccomp != SeccompMode.None && !offers.SystemCalls ? ["system calls (no seccomp filters, or no libseccomp2)"] : Array.Empty<string>(),
    ];

    /// <summary>What is in force of a policy, in words: <c>none</c> for nothing. Pure.</summary>
    /// <param name="policy">The policy as <see cref="Here"/> left it.</param>
    internal static string Words(ConfinementPolicy? policy)
    {
        if (policy is null)
        {
            return "none";
        }

        string?[] parts =
        [
            policy.User is { } user ? $"user {user}" : null,
            policy.NamesPaths ? "paths" : null,
            policy.Seccomp == SeccompMode.None ? null : "seccomp " + SeccompWord(policy.Seccomp),
            policy.KeepCapabilities.IsEmpty ? "no capabilities" : $"{policy.KeepCapabilities.Length} capabilities",
            policy.NoNewPrivileges ? "no new privileges" : null,
            policy.Processes == ProcessReach.Own ? "own processes" : null,
            policy.Network == NetworkAccess.None ? "no network" : null,
            policy.PrivateTmp ? "private tmp" : null,
        ];
        return string.Join(", ", parts.OfType<string>());
    }

    private static string SeccompWord(SeccompMode mode) => mode switch { SeccompMode.Strict => "strict", SeccompMode.Namespaces => "namespaces", _ => "default" };

    /// <summary>The same, with one more directory to read where paths are confined. Pure.</summary>
    internal static Linux.Confinement? AllowRead(Linux.Confinement? confinement, string directory) =>
        confinement?.Files is { } files ? confinement with { Files = files with { Read = [.. files.Read, directory] } } : confinement;
}
