namespace Strata.Policy;

/// <summary>The one place where a verified capability meets a request. Pure: the same arguments, the same answer.</summary>
public static class Authorizer
{
    /// <summary>
    /// Decides. Checks run in this order and the first that fails is the reason: audience, issuer, lifetime, revocation, whose it
    /// is (user, key), earlier use, constraints that cannot be checked, service, right, method, path. So a holder learns that a
    /// capability is dead, and a thief that it is not his, before either learns what it would have allowed.
    /// The rate limit is not here, because spending it is an effect: <see cref="RateLimiter"/> runs after an allowing decision.
    /// </summary>
    /// <param name="claims">The claims of a token whose signature was verified.</param>
    /// <param name="request">The request.</param>
    public static Decision Authorize(CapabilityClaims claims, in AuthorizationRequest request)
    {
        var reason = CheckOrigin(claims, request);
        if (reason == DenyReason.None)
        {
            reason = ClockSkew.CheckLifetime(claims, request.Now, request.ClockSkew);
        }

        if (reason == DenyReason.None)
        {
            reason = CheckRevocation(request.Revocation);
        }

        if (reason == DenyReason.None)
        {
            reason = CheckHolder(claims.Constraints, request);
        }

        if (reason == DenyReason.None)
        {
            reason = CheckGrant(claims, request);
        }

        return reason == DenyReason.None ? ResolvePath(claims, request) : Decision.Deny(reason);
    }

    private static DenyReason CheckOrigin(CapabilityClaims claims, in AuthorizationRequest request)
    {
        if (!string.Equals(claims.Audience, request.Audience, StringComparison.Ordinal))
        {
            return DenyReason.WrongAudience;
        }

        var isTrusted = request.Issuer is null || string.Equals(claims.Issuer, request.Issuer, StringComparison.Ordinal);
        return isTrusted ? DenyReason.None : DenyReason.WrongIssuer;
    }

    private static DenyReason CheckRevocation(RevocationStatus status) => status switch
    {
        RevocationStatus.Active => DenyReason.None,
        RevocationStatus.Revoked => DenyReason.Revoked,
        _ => DenyReason.VerifierStale,
    };

    private static DenyReason CheckHolder(CapabilityConstraints constraints, in AuthorizationRequest request)
    {
        if (constraints.Uid is { } uid && request.PeerUid != uid)
        {
            return DenyReason.WrongUid;
        }

        if (constraints.HolderKey is not null && request.Proof != ProofStatus.Valid)
        {
            return request.Proof switch
            {
                ProofStatus.Missing => DenyReason.ProofMissing,
                ProofStatus.Replayed => DenyReason.ProofReplayed,
                ProofStatus.Unrecorded => DenyReason.ProofsFull,
                _ => DenyReason.ProofInvalid,
            };
        }

        return constraints.Once && request.Use != UseStatus.Unused ? DenyReason.AlreadyUsed : DenyReason.None;
    }

    private static DenyReason CheckGrant(CapabilityClaims claims, in AuthorizationRequest request)
    {
        if (claims.Constraints.Unknown.Count > 0 || (claims.Constraints.OfService & ~request.Enforced) != 0)
        {
            return DenyReason.UnknownConstraint;
        }

        if (!request.AnyHolder)
        {
            var isSameService = string.Equals(claims.Service, request.Service, StringComparison.Ordinal);
            if (!isSameService && !request.AllowsOtherService)
            {
                return DenyReason.WrongService;
            }

            if (request.Right is null || !claims.Grants(request.Right))
            {
                return DenyReason.RightMissing;
            }
        }

        var denied = claims.Constraints.MethodsDenied;
        return denied.Count > 0 && (string.IsNullOrEmpty(request.Method) || denied.Contains(request.Method)) ? DenyReason.MethodDenied : DenyReason.None;
    }

    private static Decision ResolvePath(CapabilityClaims claims, in AuthorizationRequest request)
    {
        if (!request.NeedsPath)
        {
            return Decision.Allow();
        }

        var resolution = PathScope.Resolve(claims.Constraints.PathPrefix, request.Path);
        return resolution.IsResolved ? Decision.Allow(resolution.RelativePath) : Decision.Deny(resolution.Reason);
    }
}
