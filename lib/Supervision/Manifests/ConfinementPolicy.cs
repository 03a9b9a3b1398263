using System.Collections.Immutable;

namespace Strata.Supervision;

/// <summary>What the kernel keeps a service from doing. What a machine cannot enforce fails the start or, of a built-in service, is told; it is never left out silently.</summary>
public sealed record ConfinementPolicy
{
    /// <summary>No new privileges, no capabilities, the default system calls; files, user and network as the supervisor's.</summary>
    public static ConfinementPolicy Default { get; } = new();

    /// <summary>Name or number of the user it runs as; null (default) for the supervisor's.</summary>
    public string? User { get; init; }

    /// <summary>Name or number of the group; null (default) for the user's own.</summary>
    public string? Group { get; init; }

    /// <summary>Whether set-user-id programs give it nothing; default true.</summary>
    public bool NoNewPrivileges { get; init; } = true;

    /// <summary>Capabilities it keeps (<c>CAP_…</c>); default none.</summary>
    public ImmutableArray<string> KeepCapabilities { get; init; } = [];

    /// <summary>Absolute paths it may read. As soon as one path is named here or below, all others but the system's programs are closed to it.</summary>
    public ImmutableArray<string> Read { get; init; } = [];

    /// <summary>Absolute paths it may read and change.</summary>
    public ImmutableArray<string> Write { get; init; } = [];

    /// <summary>Absolute paths it may read and execute.</summary>
    public ImmutableArray<string> Execute { get; init; } = [];

    /// <summary>Which system calls it may make.</summary>
    public SeccompMode Seccomp { get; init; }

    /// <summary>Which processes it may signal and trace.</summary>
    public ProcessReach Processes { get; init; }

    /// <summary>Which network it sees.</summary>
    public NetworkAccess Network { get; init; }

    /// <summary>Whether /tmp is its own and empty; default false.</summary>
    public bool PrivateTmp { get; init; }

    /// <summary>
    /// Whether a start goes on with less where this machine has no Landlock or no filters of system calls, and says so; default false.
    /// Only the built-in services': without them there is no node.
    /// </summary>
    public bool BestEffort { get; init; }

    /// <summary>Whether paths are confined.</summary>
    public bool NamesPaths => !(Read.IsEmpty && Write.IsEmpty && Execute.IsEmpty);
}
