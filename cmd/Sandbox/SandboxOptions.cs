using System.Net;
using System.Security.Cryptography.X509Certificates;
using Strata.Hosting;

namespace Strata.Sandbox;

/// <summary>The bounds and settings of the sandbox service.</summary>
internal sealed record SandboxOptions
{
    private const long Megabyte = 1 << 20;
    private const string DefaultPool = "100.126.0.0/16";
    private const int LongestSeconds = 31_536_000;

    /// <summary>Where sessions, workspaces, snapshots and images are kept.</summary>
    internal required string StateDirectory { get; init; }

    /// <summary>Most sessions in all. <c>STRATA_SANDBOX_MAX_SESSIONS</c>.</summary>
    internal int MaxSessions { get; init; } = 1000;

    /// <summary>Most sessions of one owner. <c>STRATA_SANDBOX_MAX_SESSIONS_PER_OWNER</c>.</summary>
    internal int MaxSessionsPerOwner { get; init; } = 100;

    /// <summary>Sandboxes made ahead for the next sessions that are like the last one. <c>STRATA_SANDBOX_WARM</c>.</summary>
    internal int WarmSandboxes { get; init; }

    /// <summary>How long a session stays without use unless it says otherwise. <c>STRATA_SANDBOX_TTL_SECONDS</c>.</summary>
    internal int TtlSeconds { get; init; } = 1800;

    /// <summary>How long a session stays in any case. <c>STRATA_SANDBOX_MAX_LIFETIME_SECONDS</c>.</summary>
    internal int MaxLifetimeSeconds { get; init; } = 86_400;

    /// <summary>Memory of a session that names none. <c>STRATA_SANDBOX_MEMORY_MB</c>.</summary>
    internal long MemoryBytes { get; init; } = 512 * Megabyte;

    /// <summary>Most memory of a session. <c>STRATA_SANDBOX_MAX_MEMORY_MB</c>.</summary>
    internal long MaxMemoryBytes { get; init; } = 4096 * Megabyte;

    /// <summary>Thousandths of a processor of a session that names none. <c>STRATA_SANDBOX_CPU_PERCENT</c>.</summary>
    internal int CpuMillis { get; init; } = 1000;

    /// <summary>Most thousandths of a processor of a session. <c>STRATA_SANDBOX_MAX_CPU_PERCENT</c>.</summary>
    internal int MaxCpuMillis { get; init; } = 4000;

    /// <summary>Processes of a session that names no number. <c>STRATA_SANDBOX_PIDS</c>.</summary>
    internal int Pids { get; init; } = 256;

    /// <summary>Most processes of a session. <c>STRATA_SANDBOX_MAX_PIDS</c>.</summary>
    internal int MaxPids { get; init; } = 4096;

    /// <summary>What a session may change that names no bound, held in memory; 0 leaves it unbounded and on disk. <c>STRATA_SANDBOX_DISK_MB</c>.</summary>
    internal long DiskBytes { get; init; }

    /// <summary>The most a session may change. <c>STRATA_SANDBOX_MAX_DISK_MB</c>.</summary>
    internal long MaxDiskBytes { get; init; } = 10_240 * Megabyte;

    /// <summary>Open files of a process of a session that names no number.</summary>
    internal int OpenFiles { get; init; } = 1024;

    /// <summary>Bytes of output that a command keeps in a session that names no number.</summary>
    internal long OutputBytes { get; init; } = Megabyte;

    /// <summary>Kinds of network that a session may be given, beside none. <c>STRATA_SANDBOX_NETWORKS</c>.</summary>
    internal IReadOnlyList<string> Networks { get; init; } = ["none", "proxy"];

    /// <summary>Ranges of private, local and reserved addresses that sessions may be allowed to reach. <c>STRATA_SANDBOX_REACHABLE</c>.</summary>
    internal IReadOnlyList<IPNetwork> Reachable { get; init; } = [];

    /// <summary>The bounds of what goes through proxies.</summary>
    internal NetworkLimits NetworkLimits { get; init; } = new();

    /// <summary>The bounds of what goes through bridges.</summary>
    internal BridgeLimits BridgeLimits { get; init; } = new();

    /// <summary>The addresses that sessions with network bridge have. <c>STRATA_SANDBOX_BRIDGE_POOL</c>.</summary>
    internal IPNetwork BridgePool { get; init; } = IPNetwork.Parse(DefaultPool);

    /// <summary>Finds addresses for proxies; null as the host does.</summary>
    internal INameResolver? Names { get; init; }

    /// <summary>Whose certificates proxies trust; null for those that the host trusts.</summary>
    internal Func<X509ChainPolicy>? Trust { get; init; }

    /// <summary>Most that follow events at once.</summary>
    internal int MaxWatchers { get; init; } = 256;

    /// <summary>How often sessions are looked at that may be over.</summary>
    internal TimeSpan ReapInterval { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How many sessions of an earlier process are made anew at once.</summary>
    internal int RestoredAtOnce { get; init; } = 4;

    /// <summary>The bounds of workspaces.</summary>
    internal WorkspaceLimits Workspaces { get; init; } = new();

    /// <summary>The bounds of snapshots.</summary>
    internal SnapshotLimits Snapshots { get; init; } = new();

    /// <summary>Bounds and settings of images.</summary>
    internal ImageOptions Images { get; init; } = new();

    /// <summary>Reads the settings from the environment.</summary>
    /// <exception cref="SettingsException">A variable has an unusable value.</exception>
    internal static SandboxOptions From(Func<string, string?> variable, NodeSettings settings)
    {
        int Number(string name, int fallback, int min, int max) => NodeSettings.WholeNumber(variable, name, fallback, min, max);
        return new SandboxOptions
        {
            StateDirectory = Path.Combine(settings.StateDir, "sandbox"),
            Images = ImageOptions.From(variable),
            MaxSessions = Number("STRATA_SANDBOX_MAX_SESSIONS", 1000, 1, 10_000),
            MaxSessionsPerOwner = Number("STRATA_SANDBOX_MAX_SESSIONS_PER_OWNER", 100, 1, 10_000),
            WarmSandboxes = Number("STRATA_SANDBOX_WARM", 0, 0, 64),
            TtlSeconds = Number("STRATA_SANDBOX_TTL_SECONDS", 1800, 1, LongestSeconds),
            MaxLifetimeSeconds = Number("STRATA_SANDBOX_MAX_LIFETIME_SECONDS", 86_400, 1, LongestSeconds),
            MemoryBytes = Number("STRATA_SANDBOX_MEMORY_MB", 512, 1, 16_777_216) * Megabyte,
            MaxMemoryBytes = Number("STRATA_SANDBOX_MAX_MEMORY_MB", 4096, 1, 16_777_216) * Megabyte,
            CpuMillis = Number("STRATA_SANDBOX_CPU_PERCENT", 100, 1, 102_400) * 10,
            MaxCpuMillis = Number("STRATA_SANDBOX_MAX_CPU_PERCENT", 400, 1, 102_400) * 10,
            Pids = Number("STRATA_SANDBOX_PIDS", 256, 2, 1_000_000),
            MaxPids = Number("STRATA_SANDBOX_MAX_PIDS", 4096, 2, 1_000_000),
            DiskBytes = Number("STRATA_SANDBOX_DISK_MB", 0, 0, 16_777_216) * Megabyte,
            MaxDiskBytes = Number("STRATA_SANDBOX_MAX_DISK_MB", 10_240, 1, 16_777_216) * Megabyte,
            Workspaces = new WorkspaceLimits { MaxBytes = Number("STRATA_SANDBOX_WORKSPACE_MB", 10_240, 1, 16_777_216) * Megabyte },
            Snapshots = new SnapshotLimits { MaxBytesOfOwner = Number("STRATA_SANDBOX_SNAPSHOTS_MB", 51_200, 1, 16_777_216) * Megabyte },
            Networks = NetworksFrom(variable("STRATA_SANDBOX_NETWORKS")),
            Reachable = ReachableFrom(variable("STRATA_SANDBOX_REACHABLE")),
            BridgePool = PoolFrom(variable("STRATA_SANDBOX_BRIDGE_POOL")),
        };
    }

    private static IReadOnlyList<IPNetwork> ReachableFrom(string? list) =>
    [
        .. (list is null or "" ? [] : list.Split(',', StringSplitOptions.TrimEntries)).Select(text => NetworkRule.Read(new Contracts.SandboxDestination(text), out _)?.Range
            ?? throw new SettingsException($"STRATA_SANDBOX_REACHABLE must be addresses and ranges such as 10.1.0.0/16, separated by commas; '{text}' is none")),
    ];

    private static IPNetwork PoolFrom(string? text) =>
        IPNetwork.TryParse(text is null or "" ? DefaultPool : text, out var range) && Sandbox.BridgePool.IsUsable(range) ? range
            : throw new SettingsException($"STRATA_SANDBOX_BRIDGE_POOL must be a range of IPv4 addresses, /{Sandbox.BridgePool.MinPrefix} to /{Sandbox.BridgePool.MaxPrefix}, such as {DefaultPool}; '{text}' is none");

    private static IReadOnlyList<string> NetworksFrom(string? list)
    {
        string[] networks = list is null or "" ? ["proxy"] : list.Split(',', StringSplitOptions.TrimEntries);
        return networks.All(Policy.SandboxNames.IsNetwork)
            ? [.. networks.Prepend("none").Distinct()]
            : throw new SettingsException("STRATA_SANDBOX_NETWORKS must be none, proxy, bridge and host, as many of them as sessions may have, separated by commas");
    }
}
