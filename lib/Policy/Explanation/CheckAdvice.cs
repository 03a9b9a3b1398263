using System.Globalization;

namespace Strata.Policy;

/// <summary>What would have to change for a check to pass.</summary>
internal static class CheckAdvice
{
    internal static string? Of(ExplainedCheck check, ExplainedCall call, in AuthorizationRequest request) => check.Outcome switch
    {
        CheckOutcome.NotChecked => check.Check switch
        {
            AuthorizationCheck.HolderKey => "the call must be signed by this key in auth.proof; the rest is explained as if it were",
            AuthorizationCheck.Once => "identity is asked when the call is made, and records the use then",
            AuthorizationCheck.Constraints => "the service holds the call itself to them when it is made",
            _ => "give the params that the call would carry to have its path checked",
        },
        CheckOutcome.Failed => OfReason(check, call, request),
        _ => null,
    };

    private static string OfReason(ExplainedCheck check, ExplainedCall call, in AuthorizationRequest request)
    {
        var what = string.Empty;
        if (check.Check == AuthorizationCheck.Further && call.Token.Claims is { } claims)
        {
            _ = Explainer.FurtherReason(claims, call, out what);
        }

        var constraints = call.Token.Claims?.Constraints ?? CapabilityConstraints.None;
        return check.Reason switch
        {
            DenyReason.Expired => "renew it before its end, or ask the issuer for a new capability",
            DenyReason.NotBefore => $"wait until {Rfc3339.Format(constraints.NotBefore!.Value)}",
            DenyReason.Revoked => "ask the issuer for a new capability; a revoked one does not come back",
            DenyReason.WrongAudience => $"use a token for the audience {request.Audience}",
            DenyReason.WrongIssuer => $"use a token issued by {request.Issuer}",
            DenyReason.WrongUid => $"call as the user with uid {constraints.Uid}, or ask the issuer for a capability of your own",
            DenyReason.UnknownConstraint => $"ask the issuer for a capability without {Unenforced(constraints, request.Enforced)}, or upgrade the service",
            DenyReason.WrongService => $"ask the issuer for a capability for the service {request.Service}",
            DenyReason.RightMissing => $"ask the issuer for a capability with the right {(check.Check == AuthorizationCheck.Further ? what : request.Right)}",
            DenyReason.MethodDenied => $"ask the issuer for a capability that does not deny {(check.Check == AuthorizationCheck.Further ? what : request.Method)}",
            DenyReason.NoPathPrefix => "ask the issuer for a capability with a path_prefix",
            DenyReason.PathOutsidePrefix => $"use a path beneath {constraints.PathPrefix!.Value}, without \"..\", or ask the issuer for a wider path_prefix",
            DenyReason.RateLimited => $"wait {Math.Ceiling(call.Rate.RetryAfter.TotalMilliseconds).ToString(CultureInfo.InvariantCulture)} ms",
            _ => DenyReasons.Describe(check.Reason).Message,
        };
    }

    private static string Unenforced(CapabilityConstraints constraints, ServiceConstraints enforced) =>
        string.Join(", ", [.. CheckValues.NamesOf(constraints.OfService & ~enforced), .. constraints.Unknown]);
}
