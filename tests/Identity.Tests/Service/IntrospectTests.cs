using Strata.Policy;

namespace Strata.Identity.Tests;

public class IntrospectTests
{
    [Fact]
    public async Task A_revoked_token_shows_its_claims_and_why_it_is_dead()
    {
        using var scratch = new Scratch();
        await using var node = await IdentityNode.StartAsync(scratch["state"]);
        var issued = await node.IssueAsync(new("fs", Rights: ["fs.open"]));
        await node.RevokeAsync(issued.CapId);

        var seen = await node.IntrospectAsync(issued.Token);

        Assert.Equal((false, "revoked", issued.CapId), (seen.Active, seen.Reason, seen.Jti));
    }

    [Theory]
    [InlineData("identity@test-0", -7200, "expired")]
    [InlineData("identity@test-0", 7200, "not_yet_valid")]
    [InlineData("identity@elsewhere", 0, "wrong_issuer")]
    public void A_genuine_token_that_is_not_good_shows_its_claims_and_why(string issuer, int issuedSeconds, string reason)
    {
        var time = new ManualTime();
        using var key = SigningKey.Generate(Ed25519Provider.Create(), TokenVersion.V4);
        Assert.True(IssueValidation.TryValidate(new() { Service = "fs", Actions = ["open"] }, IssueLimits.Default, out var grant, out _));
        var token = TokenIssuer.Issue(grant.ToClaims(issuer, Scratch.Id(7), time.GetUtcNow().AddSeconds(issuedSeconds)), key, namesKey: issuedSeconds > 0);
        var verifier = new TokenVerifier(Ed25519Provider.Create(), KeySet.Of(key.VerificationKey), new RevocationSet());

        var seen = new TokenIntrospection(verifier, "identity@test-0", time).Introspect(token);

        Assert.Equal((false, reason, Scratch.Id(7), issuer), (seen.Active, seen.Reason, seen.Jti, seen.Iss));
        Assert.Equal(["open"], seen.Actions);
    }

    [Fact]
    public async Task Of_a_forged_token_nothing_is_said_but_that_it_is_not_active()
    {
        using var scratch = new Scratch();
        await using var node = await IdentityNode.StartAsync(scratch["state"]);
        using var foreignKey = SigningKey.Generate(Ed25519Provider.Create(), TokenVersion.V2);
        Assert.True(IssueValidation.TryValidate(new() { Service = "fs" }, IssueLimits.Default, out var grant, out _));
        var forged = TokenIssuer.Issue(grant.ToClaims("identity@test-0", Scratch.Id(1), TimeProvider.System.GetUtcNow()), foreignKey, namesKey: false);

        Assert.Equal(new(false), await node.IntrospectAsync(forged));
        Assert.Equal(new(false), await node.IntrospectAsync(TokenIssuer.Issue(
            grant.ToClaims("identity@test-0", Scratch.Id(1), TimeProvider.System.GetUtcNow()), foreignKey, namesKey: true)));
        Assert.Equal(new(false, "malformed_token"), await node.IntrospectAsync("no token"));
        Assert.Equal(new(false, "malformed_token"), await node.IntrospectAsync("v2.public.é"));
    }
}
