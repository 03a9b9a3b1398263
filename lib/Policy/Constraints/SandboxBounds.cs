namespace Strata.Policy;

/// <summary>
/// <c>sandbox</c>: what limits the sandboxes of a capability. Absent members and empty lists mean "not limited by it". The sandbox service enforces it;
/// every other one denies a capability that has it. Immutable and compared by value.
/// </summary>
public sealed record SandboxBounds
{
    /// <summary>No bounds.</summary>
    public static SandboxBounds None { get; } = new();

    /// <summary><c>images</c>: names of images, or beginnings of names that end in <c>*</c>.</summary>
    public NameList Images { get; init; } = NameList.Empty;

    /// <summary><c>max_memory_bytes</c>: most memory of one sandbox.</summary>
    public long? MaxMemoryBytes { get; init; }

    /// <summary><c>max_cpu_millis</c>: most thousandths of a processor of one sandbox.</summary>
    public long? MaxCpuMillis { get; init; }

    /// <summary><c>max_pids</c>: most processes of one sandbox.</summary>
    public long? MaxPids { get; init; }

    /// <summary><c>max_disk_bytes</c>: most bytes that one sandbox may change.</summary>
    public long? MaxDiskBytes { get; init; }

    /// <summary><c>max_sessions</c>: most sessions at once that were made by this capability and by what was derived from it.</summary>
    public long? MaxSessions { get; init; }

    /// <summary><c>networks</c>: kinds of network, such as <c>none</c> and <c>proxy</c>.</summary>
    public NameList Networks { get; init; } = NameList.Empty;

    /// <summary><c>domains</c>: hosts that may be reached, or <c>*.</c> and a domain for all beneath it; no kind of network that cannot hold them is allowed.</summary>
    public NameList Domains { get; init; } = NameList.Empty;

    /// <summary><c>commands</c>: paths of the programs that may be started.</summary>
    public NameList Commands { get; init; } = NameList.Empty;

    /// <summary>Whether an image may be used.</summary>
    public bool AllowsImage(string image) => Images.Count == 0 || Images.Any(pattern => SandboxNames.CoversImage(pattern, image));

    /// <summary>Whether a kind of network may be used: <c>none</c> always, since it reaches nobody.</summary>
    public bool AllowsNetwork(string network) =>
        network == "none" || ((Networks.Count == 0 || Networks.Contains(network)) && (Domains.Count == 0 || network == "proxy"));

    /// <summary>Whether a host may be reached, by its name in lower case.</summary>
    public bool AllowsDomain(string host) => Domains.Count == 0 || Domains.Any(pattern => SandboxNames.CoversDomain(pattern, host));

    /// <summary>Whether a program may be started, by its resolved path inside.</summary>
    public bool AllowsCommand(string path) => Commands.Count == 0 || Commands.Contains(path);
}
