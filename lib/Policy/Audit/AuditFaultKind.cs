namespace Strata.Policy;

/// <summary>What can be wrong with an audit log.</summary>
public enum AuditFaultKind
{
    /// <summary>A record says something else than it said when it was written.</summary>
    Altered,

    /// <summary>Records are missing.</summary>
    Dropped,

    /// <summary>A record stands where it does not belong, or twice.</summary>
    Reordered,

    /// <summary>The last record is incomplete.</summary>
    Torn,

    /// <summary>A seal is not the audit key's.</summary>
    BadSeal,

    /// <summary>The log ends before, or does not contain, what identity sealed.</summary>
    Truncated,
}
