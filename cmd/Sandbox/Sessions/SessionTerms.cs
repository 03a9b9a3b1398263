using Strata.Contracts;

namespace Strata.Sandbox;

/// <summary>What a session was asked to be, defaults filled in. Immutable; kept on disk, so no secret is in it.</summary>
internal sealed record SessionTerms
{
    internal const string HostImage = "host";
    internal const string CpuLimit = "cpus";

    public string Image { get; init; } = HostImage;

    /// <summary>What the name meant when the session was made, which it has for all its life; null for the built-in one.</summary>
    public string? ImageDigest { get; init; }

    public string Engine { get; init; } = "";

    public string Network { get; init; } = "none";

    public string Hostname { get; init; } = "sandbox";

    public bool IsRoot { get; init; }

    /// <summary>Whether nobody said whom processes run as, so that its image may.</summary>
    public bool TakesImageUser { get; init; }

    /// <summary>Whom its image has them run as, looked up when the session was made and so for all its life; null where the image says nothing or is not asked.</summary>
    public SessionAccount? Account { get; init; }

    public bool UserNamespaces { get; init; }

    public bool RequireLimits { get; init; }

    public int TtlSeconds { get; init; }

    public long? MemoryBytes { get; init; }

    public double? Cpus { get; init; }

    /// <summary>Whether it must not be without <see cref="Cpus"/>: it was asked for, or its capability bounds it. Otherwise it is left out where nothing can hold it.</summary>
    public bool CpusRequired { get; init; }

    public int? Pids { get; init; }

    public long? DiskBytes { get; init; }

    public int? OpenFiles { get; init; }

    public long OutputBytes { get; init; }

    public string? Workspace { get; init; }

    public bool SharedWorkspace { get; init; }

    public IReadOnlyDictionary<string, string> Labels { get; init; } = new Dictionary<string, string>();

    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    /// <summary>Names of the secrets alone.</summary>
    public IReadOnlyList<string> Secrets { get; init; } = [];

    /// <summary>Names of the secrets that have placeholders inside.</summary>
    public IReadOnlyList<string> Placeholders { get; init; } = [];

    /// <summary>What it may reach.</summary>
    public IReadOnlyList<SandboxDestination> Allow { get; init; } = [];
}
