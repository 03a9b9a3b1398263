namespace Strata.Sandbox;

/// <summary>All an engine must know of a sandbox. Pure data: names were checked, directories exist.</summary>
internal sealed record SandboxPlan
{
    /// <summary>The service's own name for it: 16 of a-z and 0-9, never reused.</summary>
    internal required string Id { get; init; }

    /// <summary>Directories of the image, the topmost first; empty for the built-in image <c>host</c>, the host's own /usr.</summary>
    internal required IReadOnlyList<string> Layers { get; init; }

    /// <summary>A directory of the sandbox alone, for what it changes (upper and work of its overlay). Kept when it ends.</summary>
    internal required string ChangesDirectory { get; init; }

    /// <summary>A host directory that is <c>/workspace</c> inside, writable; null for one within the changes.</summary>
    internal string? WorkspaceDirectory { get; init; }

    /// <summary>Its bounds.</summary>
    internal required SandboxLimits Limits { get; init; }

    /// <summary><c>none</c>, <c>proxy</c>, <c>bridge</c> or <c>host</c>.</summary>
    internal string Network { get; init; } = "none";

    /// <summary>The host name inside.</summary>
    internal string Hostname { get; init; } = "sandbox";

    /// <summary>Whom processes run as inside unless a start says otherwise: 1000 or 0.</summary>
    internal int User { get; init; } = 1000;

    /// <summary>
    /// A host directory of the service's alone, in which its shells find their commands and pipes; seen inside, read-only, at
    /// <see cref="ChannelPath"/>. Null for none: then there is no shell that keeps its state.
    /// </summary>
    internal string? ChannelDirectory { get; init; }

    /// <summary>Where <see cref="ChannelDirectory"/> is inside.</summary>
    internal string ChannelPath { get; init; } = "/run/strata";

    /// <summary>Whether its root is an overlay: what it changes lies apart from its image, or in memory.</summary>
    internal bool NeedsOverlay => Layers.Count > 0 || Limits.DiskBytes is not null;

    /// <summary>Whether processes may make user namespaces of their own.</summary>
    internal bool AllowsUserNamespaces { get; init; }
}

/// <summary>The bounds of a sandbox; null leaves one to the engine's default.</summary>
internal sealed record SandboxLimits(long? MemoryBytes = null, double? Cpus = null, int? Processes = null, long? DiskBytes = null, int? OpenFiles = null);

/// <summary>What a sandbox uses.</summary>
internal sealed record SandboxUsage(long? MemoryBytes, long? CpuMicroseconds, int Processes, long? DiskBytes);
