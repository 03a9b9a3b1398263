namespace Strata.Policy;

/// <summary>Everything <see cref="Authorizer.Authorize"/> needs to know about a request. A default value is denied.</summary>
public readonly record struct AuthorizationRequest
{
    /// <summary>Makes a request with the default audience and clock skew.</summary>
    public AuthorizationRequest()
    {
    }

    /// <summary>The service that was called, such as <c>fs</c>.</summary>
    public required string Service { get; init; }

    /// <summary>The right the method needs, such as <c>fs.open</c>.</summary>
    public required string Right { get; init; }

    /// <summary>The method that was called. A capability that denies methods by name denies a request that names none.</summary>
    public string Method { get; init; } = "";

    /// <summary>Whether the method works on a path. When true, <see cref="Path"/> is checked, and a missing one is invalid.</summary>
    public bool NeedsPath { get; init; }

    /// <summary>The path asked for, as it came.</summary>
    public string? Path { get; init; }

    /// <summary>The audience this node answers to.</summary>
    public string Audience { get; init; } = CapabilityNames.Audience;

    /// <summary>The issuer this node trusts, <c>identity@NODE</c>; null takes any issuer whose key verified the token.</summary>
    public string? Issuer { get; init; }

    /// <summary>The time, UTC.</summary>
    public required DateTimeOffset Now { get; init; }

    /// <summary>How far clocks may differ; brought into the range of <see cref="Policy.ClockSkew"/>.</summary>
    public TimeSpan ClockSkew { get; init; } = Policy.ClockSkew.Default;

    /// <summary>What the verifier knows about revocation. Unknown, the default, denies.</summary>
    public RevocationStatus Revocation { get; init; }

    /// <summary>
    /// For methods by which a holder passes on its own authority (<c>identity.issue</c>): the capability's service then names what
    /// may be passed on, not where the token is used, and the right must stand in <c>rights</c> itself. Default false.
    /// </summary>
    public bool AllowsOtherService { get; init; }

    /// <summary>
    /// For methods that work on the capability itself (<c>identity.attenuate</c>): any capability will do, whatever its service and
    /// rights; everything else is checked as ever. Default false.
    /// </summary>
    public bool AnyHolder { get; init; }

    /// <summary>The peer's uid by the kernel's word; null when it is not known, which denies a capability bound to a user.</summary>
    public uint? PeerUid { get; init; }

    /// <summary>What is known about earlier uses. Unknown, the default, denies a capability for one use.</summary>
    public UseStatus Use { get; init; }

    /// <summary>What became of the request's signature. Missing, the default, denies a capability bound to a key.</summary>
    public ProofStatus Proof { get; init; }

    /// <summary>The constraints that the service enforces by itself; a capability with another one is denied. Default none.</summary>
    public ServiceConstraints Enforced { get; init; }
}
