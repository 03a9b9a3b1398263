using System.Collections.Immutable;

namespace Strata.Policy;

/// <summary>
/// Explains a decision by walking the very checks that make it (<see cref="Authorizer"/>), without ending at the first that fails. Pure, and
/// spends nothing.
/// </summary>
public static class Explainer
{
    private static readonly AuthorizationCheck[] All = Enum.GetValues<AuthorizationCheck>();

    /// <summary>Explains a call.</summary>
    public static Explanation Explain(ExplainedCall call)
    {
        var request = call.LacksProof ? call.Request with { Proof = ProofStatus.Valid } : call.Request;
        var reasons = ReasonsOf(call, request);
        return new Explanation([.. All.Select(check => Of(check, reasons[(int)check], call, request))]);
    }

    /// <summary>The reason that each check gives; null for a check that could not be made.</summary>
    private static DenyReason?[] ReasonsOf(ExplainedCall call, in AuthorizationRequest request)
    {
        var witness = new EveryReason(new DenyReason?[All.Length]);
        witness.Reasons[(int)AuthorizationCheck.Access] = call.Access;
        if (call.NeedsNoToken || call.Access != DenyReason.None)
        {
            return witness.Reasons;
        }

        var evidence = call.Token;
        for (var check = AuthorizationCheck.Token; check <= AuthorizationCheck.Claims; check++)
        {
            if (evidence.Claims is null && check >= evidence.Failed)
            {
                witness.Reasons[(int)check] = check == evidence.Failed ? evidence.Reason : null;
            }
            else
            {
                witness.Reasons[(int)check] = DenyReason.None;
            }
        }

        if (evidence.Claims is { } claims)
        {
            _ = Authorizer.Judge(claims, request, ref witness);
            witness.Reasons[(int)AuthorizationCheck.Path] ??= DenyReason.None;
            witness.Reasons[(int)AuthorizationCheck.Rate] = call.Rate.Reason;
            witness.Reasons[(int)AuthorizationCheck.Further] = FurtherReason(claims, call, out _);
        }

        return witness.Reasons;
    }

    /// <summary>What the params ask for besides, judged as the method's own right and path are.</summary>
    internal static DenyReason FurtherReason(CapabilityClaims claims, ExplainedCall call, out string? what)
    {
        foreach (var right in call.FurtherRights)
        {
            what = right;
            if (RequireFurther(claims, right) is var reason and not DenyReason.None)
            {
                return reason;
            }
        }

        foreach (var path in call.FurtherPaths)
        {
            what = path;
            if (PathScope.Resolve(claims.Constraints.PathPrefix, path).Reason is var reason and not DenyReason.None)
            {
                return reason;
            }
        }

        what = null;
        return DenyReason.None;
    }

    /// <summary>Whether a capability allows a right that a call takes beside its method's; handlers ask the same.</summary>
    public static DenyReason RequireFurther(CapabilityClaims claims, string right) =>
        !claims.Grants(right) ? DenyReason.RightMissing
        : claims.Constraints.MethodsDenied.Contains(right) ? DenyReason.MethodDenied
        : DenyReason.None;

    private static ExplainedCheck Of(AuthorizationCheck check, DenyReason? reason, ExplainedCall call, in AuthorizationRequest request)
    {
        var outcome = OutcomeOf(check, reason, call, request);
        var explained = new ExplainedCheck(check, outcome) { Reason = reason ?? DenyReason.None };
        if (outcome is CheckOutcome.NotReached or CheckOutcome.NotApplicable)
        {
            return explained;
        }

        var (capability, asked) = CheckValues.Of(check, call, request);
        return explained with { Capability = capability, Request = asked, Needs = CheckAdvice.Of(explained, call, request) };
    }

    private static CheckOutcome OutcomeOf(AuthorizationCheck check, DenyReason? reason, ExplainedCall call, in AuthorizationRequest request)
    {
        if (reason is not null and not DenyReason.None)
        {
            return CheckOutcome.Failed;
        }

        if (call.NeedsNoToken)
        {
            return check == AuthorizationCheck.Access ? CheckOutcome.Passed : CheckOutcome.NotApplicable;
        }

        if (reason is null)
        {
            return CheckOutcome.NotReached;
        }

        return !Applies(check, call, request) ? CheckOutcome.NotApplicable
            : IsLeftToTheCall(check, call) ? CheckOutcome.NotChecked
            : CheckOutcome.Passed;
    }

    private static bool IsLeftToTheCall(AuthorizationCheck check, ExplainedCall call) => check switch
    {
        AuthorizationCheck.HolderKey => call.LacksProof,
        AuthorizationCheck.Once => call.LacksUse,
        AuthorizationCheck.Path => call.LacksPath,
        AuthorizationCheck.Constraints => true,
        _ => false,
    };

    private static bool Applies(AuthorizationCheck check, ExplainedCall call, in AuthorizationRequest request)
    {
        var constraints = call.Token.Claims?.Constraints ?? CapabilityConstraints.None;
        return check switch
        {
            AuthorizationCheck.Access => false,
            AuthorizationCheck.Issuer => request.Issuer is not null,
            AuthorizationCheck.Uid => constraints.Uid is not null,
            AuthorizationCheck.HolderKey => constraints.HolderKey is not null,
            AuthorizationCheck.Once => constraints.Once,
            AuthorizationCheck.Constraints => constraints.OfService != ServiceConstraints.None,
            AuthorizationCheck.Service => !request.AnyHolder && !request.AllowsOtherService,
            AuthorizationCheck.Right => !request.AnyHolder,
            AuthorizationCheck.Method => constraints.MethodsDenied.Count > 0,
            AuthorizationCheck.Path => request.NeedsPath || call.LacksPath,
            AuthorizationCheck.Rate => constraints.RateLimit is not null || call.Token.Claims!.Chain.Any(a => a.RateLimit is not null),
            AuthorizationCheck.Further => call.FurtherRights.Count + call.FurtherPaths.Count > 0,
            _ => true,
        };
    }

    /// <summary>Keeps every reason and never ends the walk.</summary>
    private readonly struct EveryReason(DenyReason?[] reasons) : ICheckWitness
    {
        internal DenyReason?[] Reasons => reasons;

        public bool Ends(AuthorizationCheck check, DenyReason reason)
        {
            reasons[(int)check] = reason;
            return false;
        }
    }
}
