using System.Collections.Immutable;

namespace Strata.Policy;

/// <summary>Why a call is allowed or denied: every check in order, with what the capability and the request say.</summary>
/// <param name="Checks">One entry a check, in the order of <see cref="AuthorizationCheck"/>.</param>
public sealed record Explanation(ImmutableArray<ExplainedCheck> Checks)
{
    /// <summary>The check that decides; null when the call is allowed.</summary>
    public ExplainedCheck? Failure => Checks.FirstOrDefault(check => check.Outcome == CheckOutcome.Failed);

    /// <summary>Whether no check denies.</summary>
    public bool IsAllowed => Failure is null;

    /// <summary>The reason of the denial; <see cref="DenyReason.None"/> when allowed, or when it may not be told.</summary>
    public DenyReason Reason => Failure?.Reason ?? DenyReason.None;

    /// <summary>
    /// What whoever holds no more than the token may know: nothing beyond what the denial itself would tell. What comes after the first failure is
    /// not reached, a reason that is not disclosed is left out, and what is wrong with a token is one check, whichever it was: a forged
    /// token, one of an unknown key and one that was never signed look alike.
    /// </summary>
    public Explanation ForCaller()
    {
        var fault = Failure is { Check: >= AuthorizationCheck.Format and <= AuthorizationCheck.Claims } ofToken ? ofToken : null;
        var seen = ImmutableArray.CreateBuilder<ExplainedCheck>();
        var hasFailed = false;
        foreach (var check in Checks.Where(c => c.Check is < AuthorizationCheck.Format or > AuthorizationCheck.Claims))
        {
            var told = check.Check == AuthorizationCheck.Token && fault is not null ? fault with { Check = AuthorizationCheck.Token } : check;
            seen.Add(hasFailed ? new ExplainedCheck(check.Check, CheckOutcome.NotReached) : Disclosed(told));
            hasFailed |= told.Outcome == CheckOutcome.Failed;
        }

        return new Explanation(seen.ToImmutable());
    }

    private static ExplainedCheck Disclosed(ExplainedCheck check)
    {
        if (check.Outcome != CheckOutcome.Failed)
        {
            return check;
        }

        var info = DenyReasons.Describe(check.Reason);
        return !info.IsDisclosed ? new ExplainedCheck(check.Check, CheckOutcome.Failed) { Needs = info.Message }
            : check.Check == AuthorizationCheck.Revocation ? check with { Request = null } : check;
    }
}
