namespace Strata.Policy;

/// <summary>The answer to a request. The default value is a denial.</summary>
public readonly record struct Decision
{
    private Decision(bool isAllowed, DenyReason reason, string? relativePath)
    {
        IsAllowed = isAllowed;
        Reason = reason;
        RelativePath = relativePath;
    }

    /// <summary>Whether the request may go on.</summary>
    public bool IsAllowed { get; }

    /// <summary>Why not; <see cref="DenyReason.None"/> when allowed.</summary>
    public DenyReason Reason { get; }

    /// <summary>Where the path leads beneath the capability's prefix, for allowed requests that have a path.</summary>
    public string? RelativePath { get; }

    /// <summary>Allows, with the resolved path if there is one.</summary>
    public static Decision Allow(string? relativePath = null) => new(true, DenyReason.None, relativePath);

    /// <summary>Denies.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The reason is <see cref="DenyReason.None"/>.</exception>
    public static Decision Deny(DenyReason reason)
    {
        ArgumentOutOfRangeException.ThrowIfEqual((int)reason, (int)DenyReason.None, nameof(reason));
        return new(false, reason, null);
    }
}
