namespace Strata.Supervision;

/// <summary>Which processes a service may signal and trace.</summary>
public enum ProcessReach
{
    /// <summary>All that its user and its capabilities allow.</summary>
    All,

    /// <summary>What it has started, and no other; nor abstract sockets of others.</summary>
    Own,
}
