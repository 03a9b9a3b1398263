namespace Strata.Linux;

/// <summary>What a child may not do. It is in force before the child's program runs, and for all it starts. What the machine cannot enforce fails the spawn (<see cref="ConfinementException"/>).</summary>
public sealed record Confinement
{
    /// <summary>Whether set-user-id programs and file capabilities give nothing. Default true. Without it most of the rest needs root.</summary>
    public bool NoNewPrivileges { get; init; } = true;

    /// <summary>Capabilities (<c>CAP_…</c>) the child may have at most; null (default) leaves them as ours.</summary>
    public IReadOnlyList<string>? KeepCapabilities { get; init; }

    /// <summary>Who the child runs as; null (default) for our own user.</summary>
    public ProcessUser? User { get; init; }

    /// <summary>The files it may reach; null (default) for all its user may.</summary>
    public FileRules? Files { get; init; }

    /// <summary>The system calls it may make; default all.</summary>
    public SeccompProfile Seccomp { get; init; }

    /// <summary>Whether the child may signal and trace only what it has started, and reach no abstract sockets of others. Default false.</summary>
    public bool OwnProcesses { get; init; }

    /// <summary>Whether the child has a network of its own without any way out. Unix sockets stay. Default false.</summary>
    public bool NoNetwork { get; init; }

    /// <summary>Whether /tmp is empty and the child's own. Default false.</summary>
    public bool PrivateTmp { get; init; }

    /// <summary>Directories that stay visible although they lie beneath /tmp, for example the one with the child's sockets. Default none.</summary>
    public IReadOnlyList<string> KeptInTmp { get; init; } = [];
}
