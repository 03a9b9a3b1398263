namespace Strata.Policy;

/// <summary>
/// Why something was denied: a closed list with stable codes (<see cref="DenyReasons"/>, <c>docs/reason-codes.md</c>). Codes are
/// never reused or renamed; new ones are added at the end.
/// </summary>
public enum DenyReason
{
    /// <summary>Nothing was denied.</summary>
    None = 0,

    /// <summary>The request carries no token and the method needs one.</summary>
    MissingToken,

    /// <summary>The token is not a well-formed token, or its claims are not a well-formed capability.</summary>
    MalformedToken,

    /// <summary>The signature is not valid under the keys of this node.</summary>
    BadSignature,

    /// <summary>The token names a key, or is of a version, that this node has no key for.</summary>
    UnknownKey,

    /// <summary>The capability has expired.</summary>
    Expired,

    /// <summary>The capability was issued in the future, beyond the allowed clock skew.</summary>
    NotYetValid,

    /// <summary>The capability was revoked.</summary>
    Revoked,

    /// <summary>The token is meant for another audience.</summary>
    WrongAudience,

    /// <summary>The token was issued by another node.</summary>
    WrongIssuer,

    /// <summary>The capability is for another service.</summary>
    WrongService,

    /// <summary>The capability does not hold the right.</summary>
    RightMissing,

    /// <summary>The path leads out of the capability's prefix.</summary>
    PathOutsidePrefix,

    /// <summary>The capability has no path prefix, so no path is allowed.</summary>
    NoPathPrefix,

    /// <summary>The path itself is not acceptable: empty, too long, too deep, with a NUL or broken Unicode.</summary>
    InvalidPath,

    /// <summary>The capability has a constraint that this version cannot check.</summary>
    UnknownConstraint,

    /// <summary>The capability's rate is used up for the moment.</summary>
    RateLimited,

    /// <summary>Too many capabilities are rate-limited at once; a new one cannot be tracked.</summary>
    RateLimiterFull,

    /// <summary>The verifier has not heard of revocations for too long, and does not guess.</summary>
    VerifierStale,

    /// <summary>The peer's uid may not do this without a capability.</summary>
    PeerNotAuthorized,

    /// <summary>More was asked for than the holder has.</summary>
    ExceedsAuthority,

    /// <summary>The handle or object belongs to another capability.</summary>
    NotHolder,

    /// <summary>The capability has as many open handles, or other counted objects, as it may have.</summary>
    QuotaExceeded,

    /// <summary>The capability denies this method by name.</summary>
    MethodDenied,

    /// <summary>The capability is not to be used before a time that has not come.</summary>
    NotBefore,

    /// <summary>The capability is bound to another user than the peer's.</summary>
    WrongUid,

    /// <summary>The capability was for one use and has been used, or it cannot be known here whether it was.</summary>
    AlreadyUsed,

    /// <summary>The capability is bound to a key and the request is not signed.</summary>
    ProofMissing,

    /// <summary>The request's signature is not one of the capability's key over this request.</summary>
    ProofInvalid,

    /// <summary>The request's signature was used before, or is too old to tell.</summary>
    ProofReplayed,

    /// <summary>The service remembers as many signed requests as it may, and forgets none that could come again.</summary>
    ProofsFull,

    /// <summary>The one use of the capability could not be recorded with identity.</summary>
    UseUnavailable,

    /// <summary>Identity keeps as many uses on record as it may.</summary>
    UsesFull,
}
