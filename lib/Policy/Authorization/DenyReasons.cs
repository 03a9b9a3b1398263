using System.Collections.Immutable;

namespace Strata.Policy;

/// <summary>The table of reasons. <c>docs/reason-codes.md</c> says the same, and a test compares the two.</summary>
public static class DenyReasons
{
    /// <summary>The protocol's error code INVALID_ARGUMENT.</summary>
    public const int InvalidArgument = 1;

    /// <summary>The protocol's error code UNAUTHENTICATED.</summary>
    public const int Unauthenticated = 2;

    /// <summary>The protocol's error code PERMISSION_DENIED.</summary>
    public const int PermissionDenied = 3;

    /// <summary>The protocol's error code UNAVAILABLE.</summary>
    public const int Unavailable = 6;

    /// <summary>The protocol's error code RESOURCE_EXHAUSTED.</summary>
    public const int ResourceExhausted = 7;

    private const string BadToken = "the token is not valid here; ask this node's identity service for a new one";

    /// <summary>Every reason but <see cref="DenyReason.None"/>, in the order of the enumeration.</summary>
    public static ImmutableArray<DenyReasonInfo> All { get; } =
    [
        new(DenyReason.MissingToken, "missing_token", Unauthenticated, true, "this method needs a capability; send its token in auth.token"),
        new(DenyReason.MalformedToken, "malformed_token", Unauthenticated, true, "the token is not a well-formed capability token; send it exactly as it was issued"),
        new(DenyReason.BadSignature, "bad_signature", Unauthenticated, false, BadToken),
        new(DenyReason.UnknownKey, "unknown_key", Unauthenticated, false, BadToken),
        new(DenyReason.Expired, "expired", Unauthenticated, true, "the capability has expired; ask for a new one"),
        new(DenyReason.NotYetValid, "not_yet_valid", Unauthenticated, true, "the capability is not valid yet; check the clocks of both machines"),
        new(DenyReason.Revoked, "revoked", Unauthenticated, true, "the capability was revoked; ask for a new one"),
        new(DenyReason.WrongAudience, "wrong_audience", Unauthenticated, true, "the token is meant for another audience; use one issued for strata"),
        new(DenyReason.WrongIssuer, "wrong_issuer", Unauthenticated, true, "the token was issued by another node; use one of this node"),
        new(DenyReason.WrongService, "wrong_service", PermissionDenied, true, "the capability is for another service; ask for one for this service"),
        new(DenyReason.RightMissing, "right_missing", PermissionDenied, true, "the capability does not hold the right this method needs; ask for one that does"),
        new(DenyReason.PathOutsidePrefix, "path_outside_prefix", PermissionDenied, true, "the path is not beneath the capability's path_prefix; use a path inside it, without \"..\""),
        new(DenyReason.NoPathPrefix, "no_path_prefix", PermissionDenied, true, "the capability names no path_prefix, so it opens no path; ask for one that does"),
        new(DenyReason.InvalidPath, "invalid_path", InvalidArgument, true, "the path is empty, too long, too deep or holds a NUL or broken Unicode; \".\" names the prefix itself"),
        new(DenyReason.UnknownConstraint, "unknown_constraint", PermissionDenied, true, "the capability has a constraint this service cannot check; upgrade the service or ask for a capability without it"),
        new(DenyReason.RateLimited, "rate_limited", ResourceExhausted, true, "the capability's rate limit is used up; wait and try again"),
        new(DenyReason.RateLimiterFull, "rate_limiter_full", ResourceExhausted, true, "too many rate-limited capabilities are in use; wait and try again"),
        new(DenyReason.VerifierStale, "verifier_stale", Unavailable, true, "this service has lost touch with identity and cannot check revocations; try again shortly"),
        new(DenyReason.PeerNotAuthorized, "peer_not_authorized", PermissionDenied, true, "your user may not do this without a capability; send a token that holds the right"),
        new(DenyReason.ExceedsAuthority, "exceeds_authority", PermissionDenied, true, "more was asked for than your own capability holds; ask for less"),
        new(DenyReason.NotHolder, "not_holder", PermissionDenied, false, "the capability does not allow this"),
        new(DenyReason.QuotaExceeded, "quota_exceeded", ResourceExhausted, true, "the capability has reached its limit of open handles; close some and try again"),
        new(DenyReason.MethodDenied, "method_denied", PermissionDenied, true, "the capability denies this method by name; ask for one that allows it"),
        new(DenyReason.NotBefore, "not_before", Unauthenticated, true, "the capability is not to be used yet; wait for the time it names in not_before"),
        new(DenyReason.WrongUid, "wrong_uid", PermissionDenied, true, "the capability is bound to another user; use it as that user or ask for one of your own"),
        new(DenyReason.AlreadyUsed, "already_used", Unauthenticated, true, "the capability was for one call and has been used; ask for a new one"),
        new(DenyReason.ProofMissing, "proof_missing", Unauthenticated, true, "the capability is bound to a key; sign the request with it in auth.proof"),
        new(DenyReason.ProofInvalid, "proof_invalid", Unauthenticated, true, "auth.proof is not a signature by the capability's key over this very request; sign req_id, method, time and params as they are sent"),
        new(DenyReason.ProofReplayed, "proof_replayed", Unauthenticated, true, "auth.proof was used before or is too old; sign each request anew and check the clock"),
        new(DenyReason.ProofsFull, "proofs_full", ResourceExhausted, true, "as many signed requests are remembered as may be, so no further one is taken; wait half a minute and sign anew"),
        new(DenyReason.UseUnavailable, "use_unavailable", Unavailable, true, "the capability is for one call, and identity could not be asked to record it, so the call was not made; try again shortly"),
        new(DenyReason.UsesFull, "uses_full", ResourceExhausted, true, "identity keeps as many used capabilities on record as it may; they lapse as they expire, try again later"),
    ];

    /// <summary>Looks a reason up.</summary>
    /// <exception cref="ArgumentOutOfRangeException">For <see cref="DenyReason.None"/> and undefined values: there is nothing to say.</exception>
    public static DenyReasonInfo Describe(DenyReason reason)
    {
        var index = (int)reason - 1;
        ArgumentOutOfRangeException.ThrowIfNegative(index, nameof(reason));
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, All.Length, nameof(reason));
        return All[index];
    }

    /// <summary>The stable code of a reason, for audit.</summary>
    public static string CodeOf(DenyReason reason) => Describe(reason).Code;
}
