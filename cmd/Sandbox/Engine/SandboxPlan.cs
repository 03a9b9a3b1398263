namespace Strata.Sandbox;

/// <summary>All an engine must know of a sandbox. Pure data: names were checked, directories exist.</summary>
internal sealed record SandboxPlan
{
    /// <summary>Where <see cref="ChannelPath"/> is unless it is said.</summary>
    internal const string DefaultChannelPath = "/run/strata";

    /// <summary>The host name of a sandbox for which none was said.</summary>
    internal const string UsualHostname = "sandbox";

    /// <summary>The user of one for which none was said.</summary>
    internal const int UsualUser = 1000;

    /// <summary>The service's own name for it: 16 of a-z and 0-9, never reused.</summary>
    internal required string Id { get; init; }

    /// <summary>Directories of the image, the topmost first; empty for the built-in image <c>host</c>, the host's own /usr.</summary>
    internal required IReadOnlyList<string> Layers { get; init; }

    /// <summary>What lies beneath the changes of a sandbox of the image <c>host</c>; null when they are the whole of its root. The engine's to say.</summary>
    internal string? HostRoot { get; init; }

    /// <summary>Whether its changes are the whole of its root, into which the layers were copied. The engine's to say.</summary>
    internal bool IsCopied { get; init; }

    /// <summary>The directories beneath the changes, the topmost first.</summary>
    internal IReadOnlyList<string> Lower => IsCopied ? [] : HostRoot is null ? Layers : [HostRoot];

    /// <summary>A directory of the sandbox alone, for what it changes (upper and work of its overlay). Kept when it ends.</summary>
    internal required string ChangesDirectory { get; init; }

    /// <summary>A host directory that is <c>/workspace</c> inside, writable; null for one within the changes.</summary>
    internal string? WorkspaceDirectory { get; init; }

    /// <summary>Its bounds.</summary>
    internal required SandboxLimits Limits { get; init; }

    /// <summary><c>none</c>, <c>proxy</c>, <c>bridge</c> or <c>host</c>.</summary>
    internal string Network { get; init; } = "none";

    /// <summary>Whom programs ask for names; /etc/resolv.conf of a new sandbox names them. None for a network that has no such.</summary>
    internal IReadOnlyList<string> NameServers { get; init; } = [];

    /// <summary>The host name inside.</summary>
    internal string Hostname { get; init; } = UsualHostname;

    /// <summary>Whom processes run as inside unless a start says otherwise.</summary>
    internal int User { get; init; } = UsualUser;

    /// <summary>The group of <see cref="User"/>; null for the one of the same number.</summary>
    internal int? Group { get; init; }

    /// <summary>
    /// Whether it has a directory in memory that the service alone writes, <see cref="ISandbox.OpenChannel"/>, in which its shells find their commands and
    /// pipes; seen inside, read-only, at <see cref="ChannelPath"/>. Without one there is no shell that keeps its state.
    /// </summary>
    internal bool HasChannel { get; init; }

    /// <summary>Where the directory of <see cref="HasChannel"/> is inside.</summary>
    internal string ChannelPath { get; init; } = DefaultChannelPath;

    /// <summary>Whether its root is an overlay: what it changes lies apart from its image, or in memory.</summary>
    internal bool NeedsOverlay => Lower.Count > 0 || Limits.DiskBytes is not null;

    /// <summary>Whether processes may make user namespaces of their own.</summary>
    internal bool AllowsUserNamespaces { get; init; }
}

/// <summary>The bounds of a sandbox; null leaves one to the engine's default.</summary>
internal sealed record SandboxLimits(long? MemoryBytes = null, double? Cpus = null, int? Processes = null, long? DiskBytes = null, int? OpenFiles = null);

/// <summary>What a sandbox uses.</summary>
internal sealed record SandboxUsage(long? MemoryBytes, long? CpuMicroseconds, int Processes, long? DiskBytes);
