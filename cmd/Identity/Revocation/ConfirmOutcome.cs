namespace Strata.Identity;

/// <summary>What a confirmation did.</summary>
internal enum ConfirmOutcome
{
    /// <summary>It was noted.</summary>
    Confirmed,

    /// <summary>That user has no watch of that id; it ended or never was.</summary>
    UnknownWatch,

    /// <summary>There is no change of that number yet.</summary>
    AheadOfTime,
}
