namespace Strata.Policy.Tests;

public class ConstraintDecisionTests
{
    private static readonly CapabilityClaims Bound = Samples.Bound(Samples.Claims);
    private static readonly AuthorizationRequest Met = Samples.BoundRequest;

    [Fact]
    public void A_request_that_meets_every_constraint_is_allowed() => Assert.True(Authorizer.Authorize(Bound, Met).IsAllowed);

    [Fact]
    public void Each_constraint_that_is_not_met_has_its_reason()
    {
        AssertDenied(DenyReason.MethodDenied, Met with { Method = "fs.list" });
        AssertDenied(DenyReason.NotBefore, Met with { Now = Met.Now.AddTicks(-1), ClockSkew = ClockSkew.Max });
        AssertDenied(DenyReason.WrongUid, Met with { PeerUid = 0 });
        AssertDenied(DenyReason.WrongUid, Met with { PeerUid = null });
        AssertDenied(DenyReason.AlreadyUsed, Met with { Use = UseStatus.Used });
        AssertDenied(DenyReason.ProofMissing, Met with { Proof = ProofStatus.Missing });
        AssertDenied(DenyReason.ProofInvalid, Met with { Proof = ProofStatus.Invalid });
        AssertDenied(DenyReason.ProofReplayed, Met with { Proof = ProofStatus.Replayed });
    }

    [Fact]
    public void What_nobody_has_checked_is_not_met()
    {
        AssertDenied(DenyReason.MethodDenied, Met with { Method = "" });
        AssertDenied(DenyReason.MethodDenied, Met with { Method = null! });
        AssertDenied(DenyReason.AlreadyUsed, Met with { Use = default });
        AssertDenied(DenyReason.AlreadyUsed, Met with { Use = (UseStatus)99 });
        AssertDenied(DenyReason.ProofMissing, Met with { Proof = default });
        AssertDenied(DenyReason.ProofInvalid, Met with { Proof = (ProofStatus)99 });
    }

    [Theory]
    [InlineData(ServiceConstraints.MaxBytes)]
    [InlineData(ServiceConstraints.QuotaBytes)]
    [InlineData(ServiceConstraints.ReadOnly)]
    public void A_service_that_does_not_enforce_a_constraint_takes_no_capability_with_it(ServiceConstraints missing) =>
        AssertDenied(DenyReason.UnknownConstraint, Met with { Enforced = ServiceConstraints.All & ~missing });

    [Fact]
    public void A_thief_does_not_learn_what_a_capability_would_have_allowed()
    {
        var nothing = Met with { Service = "other", Right = "other.thing", Enforced = ServiceConstraints.None };
        AssertDenied(DenyReason.WrongUid, nothing with { PeerUid = 1 });
        AssertDenied(DenyReason.ProofMissing, nothing with { Proof = default });
        AssertDenied(DenyReason.AlreadyUsed, nothing with { Use = UseStatus.Used });
        AssertDenied(DenyReason.Revoked, nothing with { Revocation = RevocationStatus.Revoked, PeerUid = 1 });
    }

    [Fact]
    public void A_quota_is_counted_under_the_id_of_its_capability()
    {
        Assert.Empty(Samples.Claims.Quotas);
        Assert.Equal([new ByteQuota(Samples.CapId, 1 << 20)], Bound.Quotas);
    }

    [Fact]
    public void A_single_denied_method_is_denied_and_the_others_are_not()
    {
        var claims = Samples.Claims with { Constraints = Samples.Claims.Constraints with { MethodsDenied = NameList.Of("fs.open") } };
        Assert.Equal(DenyReason.MethodDenied, Authorizer.Authorize(claims, Samples.Request).Reason);
        Assert.True(Authorizer.Authorize(claims, Samples.Request with { Method = "fs.stat" }).IsAllowed);
    }

    [Fact]
    public void A_request_that_names_no_method_is_denied_only_where_methods_are_denied()
    {
        var request = new AuthorizationRequest { Service = "fs", Right = "fs.open", Now = Samples.BoundRequest.Now, Revocation = RevocationStatus.Active };
        Assert.True(Authorizer.Authorize(Samples.Claims, request).IsAllowed);
        AssertDenied(DenyReason.MethodDenied, request with { PeerUid = 1000, Use = UseStatus.Unused, Proof = ProofStatus.Valid, Enforced = ServiceConstraints.All });
    }

    private static void AssertDenied(DenyReason reason, AuthorizationRequest request) =>
        Assert.Equal(Decision.Deny(reason), Authorizer.Authorize(Bound, request));
}
