using System.Diagnostics.CodeAnalysis;

namespace Strata.Policy;

/// <summary>Where a requested path leads beneath the prefix, or why nowhere.</summary>
public readonly record struct PathResolution
{
    private PathResolution(string? relativePath, DenyReason reason)
    {
        RelativePath = relativePath;
        Reason = reason;
    }

    /// <summary>The path relative to the prefix, normalised; <c>.</c> for the prefix itself; null when denied.</summary>
    public string? RelativePath { get; }

    /// <summary>Why not; <see cref="DenyReason.None"/> when resolved.</summary>
    public DenyReason Reason { get; }

    /// <summary>Whether the path lies beneath the prefix.</summary>
    [MemberNotNullWhen(true, nameof(RelativePath))]
    public bool IsResolved => RelativePath is not null;

    internal static PathResolution Beneath(string relativePath) => new(relativePath, DenyReason.None);

    internal static PathResolution Denied(DenyReason reason) => new(null, reason);
}
