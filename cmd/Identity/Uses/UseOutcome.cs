namespace Strata.Identity;

/// <summary>What became of the wish to spend the one use of a capability.</summary>
internal enum UseOutcome
{
    /// <summary>Spent, on disk, for this caller and for nobody else ever.</summary>
    Used,

    /// <summary>It was spent before, or is being spent.</summary>
    AlreadyUsed,

    /// <summary>As many are on record as may be, or wait to be.</summary>
    Full,

    /// <summary>The disk does not take it. Nothing was consented to.</summary>
    DiskFails,

    /// <summary>Identity stops. Nothing was consented to.</summary>
    Stopping,
}
