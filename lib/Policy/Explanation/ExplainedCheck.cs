namespace Strata.Policy;

/// <summary>One check of an explanation.</summary>
/// <param name="Check">Which.</param>
/// <param name="Outcome">What became of it.</param>
public sealed record ExplainedCheck(AuthorizationCheck Check, CheckOutcome Outcome)
{
    /// <summary>Why it failed; <see cref="DenyReason.None"/> when it did not, or when that may not be told.</summary>
    public DenyReason Reason { get; init; }

    /// <summary>What the capability says; null for nothing.</summary>
    public string? Capability { get; init; }

    /// <summary>What the request, or the node, says; null for nothing.</summary>
    public string? Request { get; init; }

    /// <summary>What would have to change; null unless it failed or was not checked.</summary>
    public string? Needs { get; init; }
}
