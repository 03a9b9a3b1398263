namespace Strata.Policy;

/// <summary>What became of the signature that proves possession of a capability's key. The default value is one that denies.</summary>
public enum ProofStatus
{
    /// <summary>The request carries none.</summary>
    Missing = 0,

    /// <summary>It was made by the capability's key over this request, and is fresh.</summary>
    Valid,

    /// <summary>It was made by another key or over something else.</summary>
    Invalid,

    /// <summary>It was seen before, or its time is too far from now.</summary>
    Replayed,

    /// <summary>It would be good, but as many are remembered as may be, and one that is not remembered could come again.</summary>
    Unrecorded,
}
