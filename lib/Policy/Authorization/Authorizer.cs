using System.Runtime.CompilerServices;

namespace Strata.Policy;

/// <summary>The one place where a verified capability meets a request. Pure: the same arguments, the same answer.</summary>
public static class Authorizer
{
    /// <summary>
    /// Decides. Checks run in the order of <see cref="AuthorizationCheck"/> and the first that fails is the reason: lifetime, revocation,
    /// audience, issuer, whose it is (user, key), earlier use, constraints that cannot be checked, service, right, method, path. So a holder
    /// learns that a capability is dead, and a thief that it is not his, before either learns what it would have allowed.
    /// The rate limit is not here, because spending it is an effect: <see cref="RateLimiter"/> runs after an allowing decision.
    /// </summary>
    /// <param name="claims">The claims of a token whose signature was verified.</param>
    /// <param name="request">The request.</param>
    public static Decision Authorize(CapabilityClaims claims, in AuthorizationRequest request)
    {
        var first = default(FirstFailure);
        var path = Judge(claims, request, ref first);
        return first.Reason == DenyReason.None ? Decision.Allow(path) : Decision.Deny(first.Reason);
    }

    // The checks are inlined by demand: in a walk this long the compiler would call each, which costs more than most of them do.

    /// <summary>The one walk through the checks; gives where the path leads, when there is one and the walk came so far.</summary>
    internal static string? Judge<TWitness>(CapabilityClaims claims, in AuthorizationRequest request, ref TWitness witness)
        where TWitness : struct, ICheckWitness
    {
        var constraints = claims.Constraints;
        if (witness.Ends(AuthorizationCheck.Lifetime, ClockSkew.CheckLifetime(claims, request.Now, request.ClockSkew))
            || witness.Ends(AuthorizationCheck.Revocation, CheckRevocation(request.Revocation))
            || witness.Ends(AuthorizationCheck.Audience, CheckAudience(claims, request))
            || witness.Ends(AuthorizationCheck.Issuer, CheckIssuer(claims, request))
            || witness.Ends(AuthorizationCheck.Uid, CheckUid(constraints, request))
            || witness.Ends(AuthorizationCheck.HolderKey, CheckProof(constraints, request.Proof))
            || witness.Ends(AuthorizationCheck.Once, CheckUse(constraints, request.Use))
            || witness.Ends(AuthorizationCheck.Constraints, CheckConstraints(constraints, request))
            || witness.Ends(AuthorizationCheck.Service, CheckService(claims, request))
            || witness.Ends(AuthorizationCheck.Right, CheckRight(claims, request))
            || witness.Ends(AuthorizationCheck.Method, CheckMethod(constraints, request.Method))
            || !request.NeedsPath)
        {
            return null;
        }

        var resolution = PathScope.Resolve(constraints.PathPrefix, request.Path);
        _ = witness.Ends(AuthorizationCheck.Path, resolution.Reason);
        return resolution.RelativePath;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static DenyReason CheckAudience(CapabilityClaims claims, in AuthorizationRequest request) =>
        string.Equals(claims.Audience, request.Audience, StringComparison.Ordinal) ? DenyReason.None : DenyReason.WrongAudience;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static DenyReason CheckIssuer(CapabilityClaims claims, in AuthorizationRequest request) =>
        request.Issuer is null || string.Equals(claims.Issuer, request.Issuer, StringComparison.Ordinal) ? DenyReason.None : DenyReason.WrongIssuer;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static DenyReason CheckRevocation(RevocationStatus status) => status switch
    {
        RevocationStatus.Active => DenyReason.None,
        RevocationStatus.Revoked => DenyReason.Revoked,
        _ => DenyReason.VerifierStale,
    };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static DenyReason CheckUid(CapabilityConstraints constraints, in AuthorizationRequest request) =>
        constraints.Uid is { } uid && request.PeerUid != uid ? DenyReason.WrongUid : DenyReason.None;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static DenyReason CheckProof(CapabilityConstraints constraints, ProofStatus proof)
    {
        if (constraints.HolderKey is null || proof == ProofStatus.Valid)
        {
            return DenyReason.None;
        }

        return proof switch
        {
            ProofStatus.Missing => DenyReason.ProofMissing,
            ProofStatus.Replayed => DenyReason.ProofReplayed,
            ProofStatus.Unrecorded => DenyReason.ProofsFull,
            _ => DenyReason.ProofInvalid,
        };
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static DenyReason CheckUse(CapabilityConstraints constraints, UseStatus use) =>
        constraints.Once && use != UseStatus.Unused ? DenyReason.AlreadyUsed : DenyReason.None;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static DenyReason CheckConstraints(CapabilityConstraints constraints, in AuthorizationRequest request) =>
        constraints.Unknown.Count > 0 || (constraints.OfService & ~request.Enforced) != 0 ? DenyReason.UnknownConstraint : DenyReason.None;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static DenyReason CheckService(CapabilityClaims claims, in AuthorizationRequest request) =>
        request.AnyHolder || request.AllowsOtherService || string.Equals(claims.Service, request.Service, StringComparison.Ordinal)
            ? DenyReason.None
            : DenyReason.WrongService;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static DenyReason CheckRight(CapabilityClaims claims, in AuthorizationRequest request) =>
        request.AnyHolder || (request.Right is not null && claims.Grants(request.Right)) ? DenyReason.None : DenyReason.RightMissing;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static DenyReason CheckMethod(CapabilityConstraints constraints, string? method)
    {
        var denied = constraints.MethodsDenied;
        return denied.Count > 0 && (string.IsNullOrEmpty(method) || denied.Contains(method)) ? DenyReason.MethodDenied : DenyReason.None;
    }
}
