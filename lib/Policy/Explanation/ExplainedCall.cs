namespace Strata.Policy;

/// <summary>Everything an explanation is made of: what a decision is made of, and what only a service knows.</summary>
public sealed record ExplainedCall
{
    /// <summary>What the verifier found about the token.</summary>
    public required TokenEvidence Token { get; init; }

    /// <summary>The request, as it is judged.</summary>
    public required AuthorizationRequest Request { get; init; }

    /// <summary>Why the peer's credentials alone deny the call; <see cref="DenyReason.None"/> when they do not.</summary>
    public DenyReason Access { get; init; }

    /// <summary>Whether the call is allowed whatever its token: the method is open, or the peer is an authority.</summary>
    public bool NeedsNoToken { get; init; }

    /// <summary>Whether the signature by the capability's key is not there to be checked; it is then taken for good and said to be unchecked.</summary>
    public bool LacksProof { get; init; }

    /// <summary>Whether the use of a capability for one call is yet to be recorded, which only the call does; it is said to be unchecked.</summary>
    public bool LacksUse { get; init; }

    /// <summary>Whether the method works on a path that was not given; it is then said to be unchecked.</summary>
    public bool LacksPath { get; init; }

    /// <summary>What revoked the capability, for those who may know; null for not known.</summary>
    public string? RevokedBy { get; init; }

    /// <summary>Whether the rates have room, asked without spending; the default is never asked for, because nothing has a rate.</summary>
    public RateOutcome Rate { get; init; } = RateOutcome.Allowed;

    /// <summary>Rights that the params ask for beside the method's.</summary>
    public IReadOnlyList<string> FurtherRights { get; init; } = [];

    /// <summary>Paths that the params name beside the first.</summary>
    public IReadOnlyList<string> FurtherPaths { get; init; } = [];
}
