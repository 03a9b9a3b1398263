namespace Strata.Sandbox;

/// <summary>The bounds of workspaces.</summary>
internal sealed record WorkspaceLimits
{
    /// <summary>Most workspaces of one owner.</summary>
    internal int MaxOfOwner { get; init; } = 100;

    /// <summary>Most workspaces in all.</summary>
    internal int Max { get; init; } = 10_000;

    /// <summary>Most bytes in one; one may be made with fewer. <c>STRATA_SANDBOX_WORKSPACE_MB</c>.</summary>
    internal long MaxBytes { get; init; } = 10L << 30;

    /// <summary>Most files and directories in one; one may be made with fewer.</summary>
    internal long MaxFiles { get; init; } = 1_000_000;

    /// <summary>How often those are counted that sessions have.</summary>
    internal TimeSpan CountInterval { get; init; } = TimeSpan.FromSeconds(30);
}
