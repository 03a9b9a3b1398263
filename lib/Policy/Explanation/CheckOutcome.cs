namespace Strata.Policy;

/// <summary>What became of one check.</summary>
public enum CheckOutcome
{
    /// <summary>The check was made and found nothing wrong.</summary>
    Passed,

    /// <summary>The check denies.</summary>
    Failed,

    /// <summary>An earlier check denied; what this one would say is not told, or cannot be known.</summary>
    NotReached,

    /// <summary>It can only be checked with the call itself.</summary>
    NotChecked,

    /// <summary>The capability, or the method, has nothing for this check to look at.</summary>
    NotApplicable,
}
