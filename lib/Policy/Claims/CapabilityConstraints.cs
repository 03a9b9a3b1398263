namespace Strata.Policy;

/// <summary>What limits a capability beyond its rights. Absent means "not limited by it"; only the prefix grants by being there.</summary>
public sealed record CapabilityConstraints
{
    /// <summary>No constraints at all. Not the same as "everything": without a prefix no path is allowed.</summary>
    public static CapabilityConstraints None { get; } = new();

    /// <summary><c>path_prefix</c>: the folder all paths must lie beneath; null means that no path is allowed.</summary>
    public PathPrefix? PathPrefix { get; init; }

    /// <summary><c>rate_limit</c>: requests a second; null means no limit by this capability.</summary>
    public RateLimit? RateLimit { get; init; }

    /// <summary><c>methods_denied</c>: methods that may not be called whatever the rights say, such as <c>fs.list</c>.</summary>
    public NameList MethodsDenied { get; init; } = NameList.Empty;

    /// <summary><c>max_bytes</c>: most bytes of one read, write or transfer, 1 to <see cref="ClaimLimits.MaxByteCount"/>. The service enforces it.</summary>
    public long? MaxBytes { get; init; }

    /// <summary><c>quota_bytes</c>: most bytes written in all by this capability, 1 to <see cref="ClaimLimits.MaxByteCount"/>. The service enforces it.</summary>
    public long? QuotaBytes { get; init; }

    /// <summary><c>read_only</c>: nothing may be changed. The service enforces it.</summary>
    public bool ReadOnly { get; init; }

    /// <summary><c>not_before</c>: nothing is allowed before this instant, UTC; no clock skew is granted.</summary>
    public DateTimeOffset? NotBefore { get; init; }

    /// <summary><c>uid</c>: the only user whose processes may use it, by the kernel's word about the peer.</summary>
    public uint? Uid { get; init; }

    /// <summary><c>once</c>: it is good for a single call.</summary>
    public bool Once { get; init; }

    /// <summary><c>holder_key</c>: each request must be signed by this key.</summary>
    public HolderKey? HolderKey { get; init; }

    /// <summary><c>sandbox</c>: bounds of sandboxes. The service enforces them.</summary>
    public SandboxBounds Sandbox { get; init; } = SandboxBounds.None;

    /// <summary>Names of constraints this version does not know. Any at all denies: what cannot be checked cannot be granted.</summary>
    public NameList Unknown { get; init; } = NameList.Empty;

    /// <summary>Which of the constraints that a service must enforce by itself are set.</summary>
    public ServiceConstraints OfService =>
        (MaxBytes is null ? ServiceConstraints.None : ServiceConstraints.MaxBytes)
        | (QuotaBytes is null ? ServiceConstraints.None : ServiceConstraints.QuotaBytes)
        | (ReadOnly ? ServiceConstraints.ReadOnly : ServiceConstraints.None)
        | (Sandbox == SandboxBounds.None ? ServiceConstraints.None : ServiceConstraints.Sandbox);
}
