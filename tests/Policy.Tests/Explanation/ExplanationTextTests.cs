namespace Strata.Policy.Tests;

/// <summary>What an explanation says of each check: which apply, what both sides are, and what would have to change.</summary>
public class ExplanationTextTests
{
    private static readonly ExplainedCall Call = new() { Token = TokenEvidence.Good(Samples.Claims), Request = Samples.Request };
    private static readonly CapabilityClaims Bound = Samples.Bound(Samples.Claims);

    [Fact]
    public void A_plain_call_passes_what_applies_to_it() => Assert.Equal(
        "access:not_applicable token:passed verifier:passed format:passed key:passed signature:passed claims:passed lifetime:passed revocation:passed "
        + "audience:passed issuer:passed uid:not_applicable holder_key:not_applicable once:not_applicable constraints:not_applicable service:passed "
        + "right:passed methods_denied:not_applicable path:passed rate:passed further:not_applicable",
        Outcomes(Call));

    [Fact]
    public void A_capability_with_every_constraint_has_every_check() => Assert.Equal(
        "access:not_applicable token:passed verifier:passed format:passed key:passed signature:passed claims:passed lifetime:passed revocation:passed "
        + "audience:passed issuer:passed uid:passed holder_key:passed once:passed constraints:not_checked service:passed "
        + "right:passed methods_denied:passed path:passed rate:passed further:passed",
        Outcomes(Call with { Token = TokenEvidence.Good(Bound), Request = Samples.BoundRequest, FurtherRights = ["fs.read"] }));

    [Fact]
    public void What_a_method_does_not_ask_for_does_not_apply()
    {
        var any = Samples.Request with { AnyHolder = true, Issuer = null, NeedsPath = false };
        var bare = Samples.Claims with { Constraints = CapabilityConstraints.None };
        Assert.Equal(
            ["access", "issuer", "uid", "holder_key", "once", "constraints", "service", "right", "methods_denied", "path", "rate", "further"],
            NotApplicable(new() { Token = TokenEvidence.Good(bare), Request = any }));
        Assert.Equal(
            ["access", "issuer", "uid", "holder_key", "once", "constraints", "service", "methods_denied", "path", "rate", "further"],
            NotApplicable(new() { Token = TokenEvidence.Good(bare), Request = any with { AnyHolder = false, AllowsOtherService = true } }));
    }

    [Fact]
    public void A_single_denied_method_a_single_path_and_a_rate_of_an_ancestor_apply()
    {
        var claims = Samples.Claims with
        {
            Constraints = Samples.Claims.Constraints with { RateLimit = null, MethodsDenied = NameList.Of("fs.list") },
            Chain = CapabilityChain.Of(new Ancestor(Samples.CapIdOf(1), null, new RateLimit(5)), new Ancestor(Samples.CapIdOf(2))),
        };
        var call = new ExplainedCall { Token = TokenEvidence.Good(claims), Request = Samples.Request, FurtherPaths = ["b"] };
        Assert.Equal(["access", "uid", "holder_key", "once", "constraints"], NotApplicable(call));
        Assert.Equal(("5rps of 0000000000000001", null), Sides(call, AuthorizationCheck.Rate));
        Assert.Equal((null, "b"), Sides(call, AuthorizationCheck.Further));
        Assert.Equal(($"0000000000000001 > 0000000000000002 > {Samples.CapId}", null), Sides(call, AuthorizationCheck.Revocation));
        var plain = claims with { Chain = CapabilityChain.Of(claims.Chain[1]) };
        Assert.Equal(["access", "uid", "holder_key", "once", "constraints", "rate"], NotApplicable(call with { Token = TokenEvidence.Good(plain) }));
        var limited = claims with { Chain = CapabilityChain.Of(claims.Chain[0]) };
        Assert.Equal(["access", "uid", "holder_key", "once", "constraints"], NotApplicable(call with { Token = TokenEvidence.Good(limited) }));
        var both = call with { Token = TokenEvidence.Good(claims with { Constraints = Samples.Claims.Constraints }), FurtherRights = ["fs.read"] };
        Assert.Equal(("50rps, 5rps of 0000000000000001", null), Sides(both, AuthorizationCheck.Rate));
        Assert.Equal((null, "fs.read, b"), Sides(both, AuthorizationCheck.Further));
    }

    [Fact]
    public void What_is_not_there_is_said_in_words()
    {
        var none = Samples.Claims with { Rights = NameList.Empty, Constraints = CapabilityConstraints.None };
        Assert.Equal(("none", "fs.open"), Sides(With(none, Samples.Request), AuthorizationCheck.Right));
        Assert.Equal(("none", "notes/today.txt"), Sides(With(none, Samples.Request), AuthorizationCheck.Path));
        Assert.Equal(("fs.open", "fs.open"), Sides(With(none with { Actions = NameList.Of("open") }, Samples.Request), AuthorizationCheck.Right));
        Assert.Equal(("1000", "not known"), Sides(With(Bound, Samples.BoundRequest with { PeerUid = null }), AuthorizationCheck.Uid));
        Assert.Equal("enforced: none", Sides(With(Bound, Samples.BoundRequest with { Enforced = ServiceConstraints.None }), AuthorizationCheck.Constraints).Request);
        var stranger = Call with { Access = DenyReason.PeerNotAuthorized, Request = Samples.Request with { PeerUid = 7 } };
        Assert.Equal((null, "uid 7"), Sides(stranger, AuthorizationCheck.Access));
        Assert.Equal((null, null), Sides(stranger with { Request = Samples.Request }, AuthorizationCheck.Access));
    }

    [Fact]
    public void Each_failure_says_what_would_have_to_change()
    {
        (string Needs, CapabilityClaims Claims, AuthorizationRequest Request)[] failures =
        [
            ("renew it before its end, or ask the issuer for a new capability", Samples.Claims, Samples.Request with { Now = Samples.Now.AddDays(1) }),
            ("ask the issuer for a new capability; a revoked one does not come back", Samples.Claims, Samples.Request with { Revocation = RevocationStatus.Revoked }),
            ("use a token for the audience elsewhere", Samples.Claims, Samples.Request with { Audience = "elsewhere" }),
            ("ask the issuer for a capability with a path_prefix", Samples.Claims with { Constraints = CapabilityConstraints.None }, Samples.Request),
            ("ask the issuer for a capability without max_bytes, quota_bytes, read_only, or upgrade the service", Bound, Samples.BoundRequest with { Enforced = default }),
            (DenyReasons.Describe(DenyReason.AlreadyUsed).Message, Bound, Samples.BoundRequest with { Use = UseStatus.Used }),
        ];
        Assert.All(failures, f => Assert.Equal(f.Needs, Explainer.Explain(With(f.Claims, f.Request)).Failure?.Needs));
    }

    [Fact]
    public void What_only_the_call_itself_can_show_says_how()
    {
        var told = Explainer.Explain(Call with { Token = TokenEvidence.Good(Bound), Request = Samples.BoundRequest with { NeedsPath = false }, LacksProof = true, LacksPath = true })
            .Checks.Where(c => c.Outcome == CheckOutcome.NotChecked).ToDictionary(c => c.Check, c => c.Needs);
        Assert.Equal(
            new Dictionary<AuthorizationCheck, string?>
            {
                [AuthorizationCheck.HolderKey] = "the call must be signed by this key in auth.proof; the rest is explained as if it were",
                [AuthorizationCheck.Constraints] = "the service holds the call itself to them when it is made",
                [AuthorizationCheck.Path] = "give the params that the call would carry to have its path checked",
            },
            told);
    }

    [Fact]
    public void The_caller_is_told_of_the_token_as_one_and_of_a_failure_what_its_denial_tells()
    {
        var told = Explainer.Explain(Call with { Request = Samples.Request with { Right = "fs.write" } }).ForCaller();
        Assert.Equal(
            Enum.GetValues<AuthorizationCheck>().Except([AuthorizationCheck.Format, AuthorizationCheck.Key, AuthorizationCheck.Signature, AuthorizationCheck.Claims]),
            told.Checks.Select(c => c.Check));
        Assert.Equal(
            new ExplainedCheck(AuthorizationCheck.Right, CheckOutcome.Failed)
            {
                Reason = DenyReason.RightMissing, Capability = "fs.open, fs.read", Request = "fs.write", Needs = "ask the issuer for a capability with the right fs.write",
            },
            told.Failure);
        Assert.Equal(CheckOutcome.Passed, told.Checks.Single(c => c.Check == AuthorizationCheck.Token).Outcome);
    }

    [Fact]
    public void A_good_token_is_evidence_of_its_claims_and_a_dead_one_too()
    {
        var verifier = new TokenVerifier(TestKeys.Provider, TestKeys.Both, new RevocationSet());
        var good = TokenEvidence.Of(verifier.Verify(Samples.Token(), Samples.Now));
        var dead = TokenEvidence.Of(verifier.Verify(Samples.Token(), Samples.Now.AddDays(1)));
        Assert.Equal((Samples.CapId, Samples.CapId), (good.Claims?.CapabilityId, dead.Claims?.CapabilityId));
        Assert.Equal(TestKeys.V2.VerificationKey.KeyId, Sides(new() { Token = good, Request = Samples.Request }, AuthorizationCheck.Key).Capability);
    }

    private static ExplainedCall With(CapabilityClaims claims, AuthorizationRequest request) => new() { Token = TokenEvidence.Good(claims), Request = request };

    [Fact]
    public void What_was_not_reached_has_its_word() =>
        Assert.EndsWith("path:not_reached rate:not_reached further:not_reached", Outcomes(Call with { Access = DenyReason.PeerNotAuthorized }), StringComparison.Ordinal);

    [Fact]
    public void What_failed_has_its_word() => Assert.StartsWith("access:failed ", Outcomes(Call with { Access = DenyReason.PeerNotAuthorized }), StringComparison.Ordinal);

    private static string Outcomes(ExplainedCall call) =>
        string.Join(' ', Explainer.Explain(call).Checks.Select(c => $"{CheckNames.Of(c.Check)}:{CheckNames.Of(c.Outcome)}"));

    private static IEnumerable<string> NotApplicable(ExplainedCall call) =>
        Explainer.Explain(call).Checks.Where(c => c.Outcome == CheckOutcome.NotApplicable).Select(c => CheckNames.Of(c.Check));

    private static (string? Capability, string? Request) Sides(ExplainedCall call, AuthorizationCheck check)
    {
        var told = Explainer.Explain(call).Checks.Single(c => c.Check == check);
        return (told.Capability, told.Request);
    }
}
