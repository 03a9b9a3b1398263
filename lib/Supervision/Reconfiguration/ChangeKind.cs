namespace Strata.Supervision;

/// <summary>What a new configuration means for one service.</summary>
public enum ChangeKind
{
    /// <summary>It is new, and is started.</summary>
    Added,

    /// <summary>It is no longer declared: it is stopped, drained, and forgotten.</summary>
    Removed,

    /// <summary>What changed holds without a new process.</summary>
    Adjusted,

    /// <summary>What changed takes a new process.</summary>
    Restarted,

    /// <summary>It is declared as before, and is restarted with another by that one's strategy.</summary>
    Follows,
}
