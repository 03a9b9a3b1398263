namespace Strata.Identity;

/// <summary>What became of a capability that was to be taken in.</summary>
internal enum IssuedOutcome
{
    /// <summary>It is in the store.</summary>
    Stored,

    /// <summary>The store holds as many as it may, none of them expired.</summary>
    Full,

    /// <summary>As many were derived from its root as may be.</summary>
    TooManyDerived,

    /// <summary>The disk has taken nothing for a while.</summary>
    DiskFails,
}
