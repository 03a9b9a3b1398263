namespace Strata.Policy.Tests;

public class ExplainerTests
{
    private const int Runs = 40_000;

    private static readonly ExplainedCall Call = new() { Token = TokenEvidence.Good(Samples.Claims), Request = Samples.Request };

    [Fact]
    public void The_first_failed_check_is_the_reason_of_the_decision_whatever_the_capability_and_the_request()
    {
        var random = new Random(20260131);
        var seen = new HashSet<DenyReason>();
        for (var run = 0; run < Runs; run++)
        {
            var claims = RandomCapability.Claims(random);
            var request = RandomCapability.Request(random) with
            {
                Revocation = random.Next(8) == 0 ? (RevocationStatus)random.Next(0, 3) : RevocationStatus.Active,
                AnyHolder = random.Next(8) == 0,
                AllowsOtherService = random.Next(8) == 0,
                Issuer = random.Next(8) == 0 ? "identity@elsewhere" : Samples.Request.Issuer,
                Audience = random.Next(16) == 0 ? "other" : "strata",
            };
            var decision = Authorizer.Authorize(claims, request);
            var explanation = Explainer.Explain(new ExplainedCall { Token = TokenEvidence.Good(claims), Request = request });
            Assert.Equal(decision.Reason, explanation.Reason);
            Assert.Equal(decision.IsAllowed, explanation.IsAllowed);
            Assert.Equal((decision.IsAllowed, decision.Reason), (explanation.ForCaller().IsAllowed, explanation.ForCaller().Reason));
            seen.Add(decision.Reason);
        }

        // The walk has reasons of its own only from these on; a run that never met one proves nothing about it.
        Assert.Superset(
            new HashSet<DenyReason>
            {
                DenyReason.None, DenyReason.Expired, DenyReason.Revoked, DenyReason.VerifierStale, DenyReason.WrongAudience, DenyReason.WrongIssuer,
                DenyReason.NotBefore, DenyReason.WrongUid, DenyReason.ProofMissing, DenyReason.ProofInvalid, DenyReason.ProofReplayed, DenyReason.AlreadyUsed,
                DenyReason.UnknownConstraint, DenyReason.WrongService, DenyReason.RightMissing, DenyReason.MethodDenied, DenyReason.NoPathPrefix,
                DenyReason.PathOutsidePrefix, DenyReason.InvalidPath,
            },
            seen);
    }

    [Fact]
    public void Every_check_is_told_once_and_in_the_order_of_the_walk()
    {
        var explanation = Explainer.Explain(Call);
        Assert.Equal(Enum.GetValues<AuthorizationCheck>(), explanation.Checks.Select(c => c.Check));
        var walk = new Walk([]);
        _ = Authorizer.Judge(Samples.Claims, Samples.Request, ref walk);
        Assert.Equal(explanation.Checks.Select(c => c.Check).Where(c => c is >= AuthorizationCheck.Lifetime and <= AuthorizationCheck.Path), walk.Checks);
    }

    [Fact]
    public void Each_check_tells_both_sides()
    {
        var call = Call with { Token = TokenEvidence.Good(Samples.Bound(Samples.Claims)), Request = Samples.BoundRequest };
        var told = Explainer.Explain(call).Checks.ToDictionary(c => c.Check);
        Assert.Equal([AuthorizationCheck.Constraints], told.Values.Where(c => c.Needs is not null).Select(c => c.Check));
        Assert.Equal(("2026-01-31T12:00:00Z to 2026-01-31T13:00:00Z, not before 2026-01-31T12:01:00Z", "now 2026-01-31T12:01:00Z"), Sides(AuthorizationCheck.Lifetime));
        Assert.Equal((Samples.CapId, null), Sides(AuthorizationCheck.Revocation));
        Assert.Equal(("1000", "1000"), Sides(AuthorizationCheck.Uid));
        Assert.Equal("valid", told[AuthorizationCheck.HolderKey].Request);
        Assert.Equal(("one call", "unused"), Sides(AuthorizationCheck.Once));
        Assert.Equal(("max_bytes, quota_bytes, read_only", "enforced: max_bytes, quota_bytes, read_only, sandbox"), Sides(AuthorizationCheck.Constraints));
        Assert.Equal(("fs.open, fs.read", "fs.open"), Sides(AuthorizationCheck.Right));
        Assert.Equal(("fs.list, fs.stat", "fs.open"), Sides(AuthorizationCheck.Method));
        Assert.Equal(("/srv/data", "notes/today.txt"), Sides(AuthorizationCheck.Path));
        Assert.Equal(("50rps", null), Sides(AuthorizationCheck.Rate));

        (string?, string?) Sides(AuthorizationCheck check) => (told[check].Capability, told[check].Request);
    }

    [Theory]
    [InlineData(AuthorizationCheck.Right, "ask the issuer for a capability with the right fs.write")]
    [InlineData(AuthorizationCheck.Service, "ask the issuer for a capability for the service registry")]
    [InlineData(AuthorizationCheck.Path, "use a path beneath /srv/data, without \"..\", or ask the issuer for a wider path_prefix")]
    [InlineData(AuthorizationCheck.Uid, "call as the user with uid 1000, or ask the issuer for a capability of your own")]
    [InlineData(AuthorizationCheck.Method, "ask the issuer for a capability that does not deny fs.list")]
    [InlineData(AuthorizationCheck.Constraints, "ask the issuer for a capability without read_only, or upgrade the service")]
    [InlineData(AuthorizationCheck.Issuer, "use a token issued by identity@elsewhere")]
    [InlineData(AuthorizationCheck.Lifetime, "wait until 2026-01-31T12:01:00Z")]
    [InlineData(AuthorizationCheck.Rate, "wait 250 ms")]
    public void A_failed_check_says_what_would_have_to_change(AuthorizationCheck check, string needs)
    {
        var met = Samples.BoundRequest;
        var request = check switch
        {
            AuthorizationCheck.Right => met with { Right = "fs.write" },
            AuthorizationCheck.Service => met with { Service = "registry" },
            AuthorizationCheck.Path => met with { Path = "../etc" },
            AuthorizationCheck.Uid => met with { PeerUid = 1 },
            AuthorizationCheck.Method => met with { Method = "fs.list" },
            AuthorizationCheck.Constraints => met with { Enforced = ServiceConstraints.All & ~ServiceConstraints.ReadOnly },
            AuthorizationCheck.Issuer => met with { Issuer = "identity@elsewhere" },
            AuthorizationCheck.Lifetime => met with { Now = Samples.Now },
            _ => met,
        };
        var rate = check == AuthorizationCheck.Rate ? new RateOutcome(false, DenyReason.RateLimited, TimeSpan.FromMilliseconds(250)) : Call.Rate;
        var explanation = Explainer.Explain(Call with { Token = TokenEvidence.Good(Samples.Bound(Samples.Claims)), Request = request, Rate = rate });
        Assert.Equal((check, CheckOutcome.Failed, needs), (explanation.Failure!.Check, explanation.Failure.Outcome, explanation.Failure.Needs));
    }

    [Fact]
    public void Who_may_know_everything_sees_every_failure_and_the_caller_the_first()
    {
        var call = Call with { Request = Samples.Request with { Right = "fs.write", Path = "../x", Issuer = "identity@elsewhere" } };
        var full = Explainer.Explain(call);
        Assert.Equal([AuthorizationCheck.Issuer, AuthorizationCheck.Right, AuthorizationCheck.Path], Failed(full));
        var told = full.ForCaller();
        Assert.Equal([AuthorizationCheck.Issuer], Failed(told));
        Assert.All(told.Checks.Where(c => c.Check > AuthorizationCheck.Issuer), c => Assert.Equal(new ExplainedCheck(c.Check, CheckOutcome.NotReached), c));
    }

    [Fact]
    public void What_is_missing_for_a_check_is_said_and_denies_nothing()
    {
        var bound = Samples.Claims with { Constraints = Samples.Claims.Constraints with { HolderKey = Samples.Bound(Samples.Claims).Constraints.HolderKey, Once = true } };
        var call = Call with { Token = TokenEvidence.Good(bound), LacksProof = true, LacksPath = true, LacksUse = true, Request = Samples.Request with { NeedsPath = false, Use = UseStatus.Unused } };
        var explanation = Explainer.Explain(call);
        Assert.True(explanation.IsAllowed);
        Assert.Equal(
            [AuthorizationCheck.HolderKey, AuthorizationCheck.Once, AuthorizationCheck.Path],
            explanation.Checks.Where(c => c.Outcome == CheckOutcome.NotChecked && c.Needs is not null).Select(c => c.Check));
        Assert.Equal(DenyReason.ProofMissing, Explainer.Explain(call with { LacksProof = false }).Reason);
        var ticket = new ExplainedCall { Token = TokenEvidence.Good(Samples.Bound(Samples.Claims)), Request = Samples.BoundRequest, LacksUse = true };
        var once = Explainer.Explain(ticket).Checks.Single(c => c.Check == AuthorizationCheck.Once);
        Assert.Equal((CheckOutcome.NotChecked, "one call", null), (once.Outcome, once.Capability, once.Request));
        Assert.NotNull(once.Needs);
    }

    [Fact]
    public void What_the_params_ask_for_besides_is_judged_too()
    {
        var writing = Call with { FurtherRights = ["fs.read", "fs.write"], FurtherPaths = ["b"] };
        var failure = Explainer.Explain(writing).Failure!;
        Assert.Equal((AuthorizationCheck.Further, DenyReason.RightMissing, "ask the issuer for a capability with the right fs.write"), (failure.Check, failure.Reason, failure.Needs));
        Assert.Equal(DenyReason.PathOutsidePrefix, Explainer.Explain(Call with { FurtherPaths = ["b", "/etc"] }).Reason);
        Assert.True(Explainer.Explain(Call with { FurtherRights = ["fs.read"], FurtherPaths = ["b"] }).IsAllowed);
        var denied = Samples.Claims with { Constraints = Samples.Claims.Constraints with { MethodsDenied = NameList.Of("fs.read") } };
        Assert.Equal(DenyReason.MethodDenied, Explainer.Explain(Call with { Token = TokenEvidence.Good(denied), FurtherRights = ["fs.read"] }).Reason);
    }

    [Fact]
    public void Credentials_that_decide_leave_the_token_alone()
    {
        var open = Explainer.Explain(Call with { Token = TokenEvidence.Missing, NeedsNoToken = true });
        Assert.True(open.IsAllowed);
        Assert.All(open.Checks.Skip(1), c => Assert.Equal(CheckOutcome.NotApplicable, c.Outcome));
        var denied = Explainer.Explain(Call with { Access = DenyReason.PeerNotAuthorized });
        Assert.Equal((AuthorizationCheck.Access, DenyReason.PeerNotAuthorized), (denied.Failure!.Check, denied.Reason));
        Assert.All(denied.Checks.Skip(1), c => Assert.Equal(CheckOutcome.NotReached, c.Outcome));
    }

    private static IEnumerable<AuthorizationCheck> Failed(Explanation explanation) =>
        explanation.Checks.Where(c => c.Outcome == CheckOutcome.Failed).Select(c => c.Check);

    private readonly struct Walk(List<AuthorizationCheck> checks) : ICheckWitness
    {
        internal List<AuthorizationCheck> Checks => checks;

        public bool Ends(AuthorizationCheck check, DenyReason reason)
        {
            checks.Add(check);
            return false;
        }
    }
}
