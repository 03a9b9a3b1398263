namespace Strata.Policy.Tests;

public class AuthorizerTests
{
    [Fact]
    public void A_capability_allows_what_it_says()
    {
        var decision = Authorizer.Authorize(Samples.Claims, Samples.Request);
        Assert.True(decision.IsAllowed);
        Assert.Equal("notes/today.txt", decision.RelativePath);
    }

    [Fact]
    public void Whatever_was_not_filled_in_denies()
    {
        Assert.False(default(Decision).IsAllowed);
        Assert.False(Authorizer.Authorize(Samples.Claims, default).IsAllowed);
        Assert.Throws<ArgumentOutOfRangeException>(() => Decision.Deny(DenyReason.None));
        AssertDenied(DenyReason.VerifierStale, Samples.Claims, Samples.Request with { Revocation = default });
    }

    [Fact]
    public void Each_mismatch_has_its_reason()
    {
        var (claims, request) = (Samples.Claims, Samples.Request);
        AssertDenied(DenyReason.WrongAudience, claims with { Audience = "other" }, request);
        AssertDenied(DenyReason.WrongIssuer, claims with { Issuer = "identity@elsewhere" }, request);
        AssertDenied(DenyReason.Revoked, claims, request with { Revocation = RevocationStatus.Revoked });
        AssertDenied(DenyReason.VerifierStale, claims, request with { Revocation = (RevocationStatus)99 });
        AssertDenied(DenyReason.UnknownConstraint, claims with { Constraints = claims.Constraints with { Unknown = NameList.Of("only_on") } }, request);
        AssertDenied(DenyReason.WrongService, claims, request with { Service = "registry" });
        AssertDenied(DenyReason.RightMissing, claims, request with { Right = "fs.write" });
        AssertDenied(DenyReason.NoPathPrefix, claims with { Constraints = CapabilityConstraints.None }, request);
        AssertDenied(DenyReason.PathOutsidePrefix, claims, request with { Path = "../etc/passwd" });
        AssertDenied(DenyReason.InvalidPath, claims, request with { Path = null });
    }

    [Fact]
    public void Any_issuer_will_do_where_none_is_expected() =>
        Assert.True(Authorizer.Authorize(Samples.Claims with { Issuer = "identity@elsewhere" }, Samples.Request with { Issuer = null }).IsAllowed);

    [Fact]
    public void A_method_without_a_path_needs_no_prefix() =>
        Assert.True(Authorizer.Authorize(
            Samples.Claims with { Constraints = CapabilityConstraints.None }, Samples.Request with { NeedsPath = false }).IsAllowed);

    [Theory]
    [InlineData(0, true)]
    [InlineData(3599, true)]
    [InlineData(3600 + 29, true)]
    [InlineData(3600 + 30, false)]
    [InlineData(-30, true)]
    [InlineData(-31, false)]
    public void Lifetime_is_checked_with_the_clock_skew(int secondsAfterIssue, bool isAllowed)
    {
        var request = Samples.Request with { Now = Samples.Now.AddSeconds(secondsAfterIssue), ClockSkew = TimeSpan.FromSeconds(30) };
        Assert.Equal(isAllowed, Authorizer.Authorize(Samples.Claims, request).IsAllowed);
    }

    [Fact]
    public void The_clock_skew_is_bounded_both_ways()
    {
        var late = Samples.Claims.ExpiresAt + ClockSkew.Max;
        AssertDenied(DenyReason.Expired, Samples.Claims, Samples.Request with { Now = late, ClockSkew = TimeSpan.MaxValue });
        Assert.True(Authorizer.Authorize(Samples.Claims, Samples.Request with { Now = late.AddTicks(-1), ClockSkew = TimeSpan.MaxValue }).IsAllowed);
        AssertDenied(DenyReason.Expired, Samples.Claims, Samples.Request with { Now = Samples.Claims.ExpiresAt, ClockSkew = TimeSpan.MinValue });
    }

    [Fact]
    public void The_ends_of_time_do_not_overflow()
    {
        AssertDenied(DenyReason.NotYetValid, Samples.Claims, Samples.Request with { Now = DateTimeOffset.MinValue });
        AssertDenied(DenyReason.Expired, Samples.Claims, Samples.Request with { Now = DateTimeOffset.MaxValue });
        Assert.True(Authorizer.Authorize(Samples.Claims with { ExpiresAt = DateTimeOffset.MaxValue }, Samples.Request).IsAllowed);
    }

    [Theory]
    [InlineData("open", "fs.open", true)]
    [InlineData("open", "fs.read", false)]
    [InlineData("open", "fs.opener", false)]
    [InlineData("open", "fsx.open", false)]
    [InlineData("svc.stop", "fs.svc.stop", true)]
    public void A_legacy_action_is_the_right_of_its_service(string action, string right, bool isAllowed)
    {
        var claims = Samples.Claims with { Rights = NameList.Empty, Actions = NameList.Of(action) };
        Assert.Equal(isAllowed, Authorizer.Authorize(claims, Samples.Request with { Right = right }).IsAllowed);
    }

    [Fact]
    public void A_legacy_action_reaches_no_other_service()
    {
        var claims = Samples.Claims with { Rights = NameList.Empty, Actions = NameList.Of("issue") };
        var issue = Samples.Request with { Service = "identity", Right = "identity.issue", NeedsPath = false };
        AssertDenied(DenyReason.WrongService, claims, issue);
        AssertDenied(DenyReason.RightMissing, claims, issue with { AllowsOtherService = true });
    }

    [Fact]
    public void A_holder_may_pass_on_authority_over_its_own_service_where_the_method_says_so()
    {
        var claims = Samples.Claims with { Rights = NameList.Of("fs.open", "identity.issue") };
        var issue = Samples.Request with { Service = "identity", Right = "identity.issue", NeedsPath = false };
        AssertDenied(DenyReason.WrongService, claims, issue);
        Assert.True(Authorizer.Authorize(claims, issue with { AllowsOtherService = true }).IsAllowed);
    }

    [Fact]
    public void A_dead_capability_does_not_tell_what_it_would_have_allowed()
    {
        var nothing = Samples.Request with { Service = "other", Right = "other.thing", Path = "../..", Now = Samples.Now.AddDays(1) };
        AssertDenied(DenyReason.Expired, Samples.Claims, nothing with { Revocation = RevocationStatus.Revoked });
        AssertDenied(DenyReason.Revoked, Samples.Claims, nothing with { Now = Samples.Now, Revocation = RevocationStatus.Revoked });
        AssertDenied(DenyReason.WrongService, Samples.Claims, nothing with { Now = Samples.Now });
        AssertDenied(DenyReason.RightMissing, Samples.Claims, nothing with { Now = Samples.Now, Service = "fs" });
    }

    private static void AssertDenied(DenyReason reason, CapabilityClaims claims, AuthorizationRequest request)
    {
        var decision = Authorizer.Authorize(claims, request);
        Assert.Equal(reason, decision.Reason);
        Assert.False(decision.IsAllowed);
        Assert.Null(decision.RelativePath);
    }
}
