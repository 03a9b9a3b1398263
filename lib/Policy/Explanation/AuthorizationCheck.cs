namespace Strata.Policy;

/// <summary>
/// The checks of a request, in the order in which they are made: the first that fails is the reason of the denial. From
/// <see cref="Lifetime"/> to <see cref="Path"/> they are those of <see cref="Authorizer.Authorize"/>; what comes before concerns the
/// peer and the token's signature, what comes after is looked at when all else allows.
/// </summary>
public enum AuthorizationCheck
{
    /// <summary>Whether the peer may call the method by its credentials, where a capability is no help.</summary>
    Access,

    /// <summary>A token was sent.</summary>
    Token,

    /// <summary>The service knows of revocations well enough to rely on.</summary>
    Verifier,

    /// <summary>The token is spelled as a token.</summary>
    Format,

    /// <summary>It is signed by a key that the node knows.</summary>
    Key,

    /// <summary>The signature is good.</summary>
    Signature,

    /// <summary>What was signed is a well-formed capability.</summary>
    Claims,

    /// <summary>Not expired, not from the future, not before its time.</summary>
    Lifetime,

    /// <summary>Neither it nor what it was derived from was revoked.</summary>
    Revocation,

    /// <summary>It is for this audience.</summary>
    Audience,

    /// <summary>This node issued it.</summary>
    Issuer,

    /// <summary>The peer is the user it is bound to.</summary>
    Uid,

    /// <summary>The request is signed by the key it is bound to.</summary>
    HolderKey,

    /// <summary>It was not used before, where it is for one call.</summary>
    Once,

    /// <summary>The service knows and enforces each of its constraints.</summary>
    Constraints,

    /// <summary>It is for the service.</summary>
    Service,

    /// <summary>It holds the method's right.</summary>
    Right,

    /// <summary>It does not deny the method by name.</summary>
    Method,

    /// <summary>The path lies beneath its prefix.</summary>
    Path,

    /// <summary>Its rate, and those of what it was derived from, have room.</summary>
    Rate,

    /// <summary>Rights and paths that the very params ask for besides.</summary>
    Further,
}
