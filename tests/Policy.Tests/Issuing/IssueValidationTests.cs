namespace Strata.Policy.Tests;

public class IssueValidationTests
{
    private static readonly IssueRequest Plain = new()
    {
        Service = "fs",
        Rights = ["fs.open", "fs.read"],
        PathPrefix = "/srv/data",
        RateLimit = "50rps",
        TtlSeconds = 3600,
    };

    [Fact]
    public void A_good_request_becomes_the_claims_it_asks_for()
    {
        var claims = Validate(Plain).ToClaims("identity@local-0", Samples.CapId, Samples.Now.AddMilliseconds(700));
        Assert.Equal(Samples.Claims, claims);
    }

    [Fact]
    public void What_was_not_given_has_its_default()
    {
        var grant = Validate(new IssueRequest { Service = "fs" });
        Assert.Equal(TimeSpan.FromHours(1), grant.Ttl);
        Assert.Equal(CapabilityNames.AnonymousSubject, grant.Subject);
        Assert.Equal(CapabilityConstraints.None, grant.Constraints);
        Assert.Empty(grant.Rights);
    }

    [Fact]
    public void A_right_asked_for_twice_is_granted_once() =>
        Assert.Equal(NameList.Of("fs.open"), Validate(Plain with { Rights = ["fs.open", "fs.open"] }).Rights);

    [Fact]
    public void Each_malformed_field_is_refused_by_its_name()
    {
        AssertFault("service", Plain with { Service = null });
        AssertFault("service", Plain with { Service = "" });
        AssertFault("service", Plain with { Service = "Fs" });
        AssertFault("service", Plain with { Service = "fs.x" });
        AssertFault("rights[1]", Plain with { Rights = ["fs.open", "open"] });
        AssertFault("rights[0]", Plain with { Rights = ["fs.*"] });
        AssertFault("rights[0]", Plain with { Rights = [null!] });
        AssertFault("actions[0]", Plain with { Actions = ["Open"] });
        AssertFault("path_prefix", Plain with { PathPrefix = "data" });
        AssertFault("path_prefix", Plain with { PathPrefix = "" });
        AssertFault("rate_limit", Plain with { RateLimit = "50/s" });
        AssertFault("rate_limit", Plain with { RateLimit = "" });
        AssertFault("subject", Plain with { Subject = "a b" });
        AssertFault("subject", Plain with { Subject = "" });
        AssertFault("methods_denied[0]", Plain with { MethodsDenied = ["list"] });
        AssertFault("max_bytes", Plain with { MaxBytes = 0 });
        AssertFault("max_bytes", Plain with { MaxBytes = ClaimLimits.MaxByteCount + 1 });
        AssertFault("quota_bytes", Plain with { QuotaBytes = 0 });
        AssertFault("quota_bytes", Plain with { QuotaBytes = ClaimLimits.MaxByteCount + 1 });
        AssertFault("uid", Plain with { Uid = -1 });
        AssertFault("uid", Plain with { Uid = ClaimLimits.MaxUid + 1L });
        AssertFault("not_before", Plain with { NotBefore = "soon" });
        AssertFault("holder_key", Plain with { HolderKey = "key" });
    }

    [Fact]
    public void Every_constraint_can_be_asked_for()
    {
        var bound = Samples.Bound(Samples.Claims);
        var grant = Validate(Plain with
        {
            MethodsDenied = ["fs.list", "fs.stat"],
            MaxBytes = 4096,
            QuotaBytes = 1 << 20,
            ReadOnly = true,
            NotBefore = "2026-01-31T12:01:00Z",
            Uid = 1000,
            Once = true,
            HolderKey = bound.Constraints.HolderKey!.Value,
        });
        Assert.Equal(bound.Constraints, grant.Constraints);
    }

    [Fact]
    public void A_capability_that_would_end_before_it_begins_is_refused()
    {
        Assert.Null(IssueValidation.FaultOfTimes(Samples.Bound(Samples.Claims)));
        var late = Samples.Claims with { Constraints = new() { NotBefore = Samples.Claims.ExpiresAt } };
        Assert.Equal("not_before", IssueValidation.FaultOfTimes(late)?.Field);
    }

    [Theory]
    [InlineData(1, true)]
    [InlineData(86_400, true)]
    [InlineData(86_401, false)]
    [InlineData(0, false)]
    [InlineData(-1, false)]
    [InlineData(long.MaxValue, false)]
    [InlineData(long.MinValue, false)]
    public void A_lifetime_is_at_most_a_day(long ttlSeconds, bool isValid) =>
        Assert.Equal(isValid, IssueValidation.TryValidate(Plain with { TtlSeconds = ttlSeconds }, IssueLimits.Default, out _, out _));

    [Fact]
    public void A_longer_lifetime_can_be_configured_within_reason()
    {
        var limits = new IssueLimits { MaxTtlSeconds = long.MaxValue };
        var longest = Plain with { TtlSeconds = IssueLimits.AbsoluteMaxTtlSeconds };
        Assert.True(IssueValidation.TryValidate(longest, limits, out _, out _));
        Assert.False(IssueValidation.TryValidate(longest with { TtlSeconds = longest.TtlSeconds + 1 }, limits, out _, out _));
    }

    [Fact]
    public void Lists_hold_as_many_names_as_the_limits_and_no_more()
    {
        string[] Rights(int count) => [.. Enumerable.Range(0, count).Select(i => $"fs.r{i}")];
        string[] Actions(int count) => [.. Enumerable.Range(0, count).Select(i => $"r{i}")];
        Validate(Plain with { Rights = Rights(ClaimLimits.MaxRights), Actions = Actions(ClaimLimits.MaxActions) });
        AssertFault("rights", Plain with { Rights = Rights(ClaimLimits.MaxRights + 1) });
        AssertFault("actions", Plain with { Actions = Actions(ClaimLimits.MaxActions + 1) });
    }

    [Fact]
    public void More_than_a_token_can_carry_is_a_fault_of_the_request()
    {
        // Each name and the list keep their limits; together they are too much.
        var rights = Enumerable.Range(0, ClaimLimits.MaxRights).Select(i => $"fs.{new string('r', 100)}{i}").ToArray();
        var grant = Validate(Plain with { Rights = rights });
        var claims = grant.ToClaims("identity@local-0", Samples.CapId, Samples.Now);
        Assert.False(TokenIssuer.TryIssue(claims, TestKeys.V2, out _, out var fault));
        Assert.Contains("8192", fault.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => TokenIssuer.Issue(claims, TestKeys.V2));
    }

    [Fact]
    public void Claims_need_a_well_formed_issuer_and_id()
    {
        var grant = Validate(Plain);
        Assert.Throws<ArgumentException>(() => grant.ToClaims("identity@a b", Samples.CapId, Samples.Now));
        Assert.Throws<ArgumentException>(() => grant.ToClaims("identity@local-0", "7", Samples.Now));
    }

    private static CapabilityGrant Validate(IssueRequest request)
    {
        Assert.True(IssueValidation.TryValidate(request, IssueLimits.Default, out var grant, out var fault), fault?.ToString());
        return grant;
    }

    private static void AssertFault(string field, IssueRequest request)
    {
        Assert.False(IssueValidation.TryValidate(request, IssueLimits.Default, out _, out var fault));
        Assert.Equal(field, fault.Field);
        Assert.NotEmpty(fault.Message);
    }
}
