using System.Text;
using System.Text.Json;
using Strata.Hosting.Tests.Server;
using Strata.Ipc;
using Strata.Policy;

namespace Strata.Hosting.Tests.Authorization;

/// <summary>Who sees how much, and that nobody learns by an explanation what a denial would not tell.</summary>
public sealed class ExplanationTests : IAsyncDisposable
{
    private const uint OwnUid = 900;
    private const uint StrangerUid = 1000;

    private readonly TestDirectory _directory = new();
    private readonly ManualTime _time = new();
    private readonly RevocationSet _revocations = new();
    private readonly AuditLog _audit;
    private readonly CapabilityAuthorizer _authorizer;
    private bool _isFresh = true;

    public ExplanationTests()
    {
        _audit = new AuditLog(_directory.Settings, "fs", _time, new TestLog());
        var verifier = new TokenVerifier(Tokens.Provider, KeySet.Of(Tokens.Key.VerificationKey), _revocations);
        _authorizer = new CapabilityAuthorizer(
            "fs", _directory.Settings, verifier, new PeerAuthority(OwnUid, new HashSet<uint> { 901 }), () => _isFresh, _time, _audit);
    }

    public async ValueTask DisposeAsync()
    {
        await _audit.DisposeAsync();
        _directory.Dispose();
    }

    [Theory]
    [MemberData(nameof(CapabilityAuthorizerTests.Cases), MemberType = typeof(CapabilityAuthorizerTests))]
    public void An_explanation_has_the_reason_of_the_denial_and_tells_a_caller_no_more_than_it(
        AccessKind access, string token, uint uid, ErrorCode? code, string? told, string? audited)
    {
        _revocations.Add(new RevokedCapability(Tokens.IdOf(66), _time.GetUtcNow().AddHours(1)));
        var bytes = CapabilityAuthorizerTests.TokenOf(token);
        var held = Explain(access, bytes, own: bytes.Length > 0 ? bytes : "x"u8.ToArray(), uid);
        Assert.Equal("caller", held.View);
        if (bytes.Length > 0)
        {
            Assert.Equal((code is null, told), (held.Allowed, held.Reason));
            Assert.All(held.Checks.SkipWhile(c => c.Outcome != "failed").Skip(1), c => Assert.Equal(new ExplainedStep(c.Check, "not_reached"), c));
        }

        var full = Explain(access, bytes, own: [], OwnUid, uid);
        Assert.Equal(("full", code is null, audited), (full.View, full.Allowed, full.Reason));
    }

    [Fact]
    public void Forged_and_unknown_tokens_are_explained_alike_to_whoever_holds_them()
    {
        var forged = Explain(AccessKind.Right, Altered(), own: [], StrangerUid);
        var unknown = Explain(AccessKind.Right, CapabilityAuthorizerTests.TokenOf("unknown_version"), own: [], StrangerUid);
        Assert.Equal(JsonSerializer.Serialize(forged, IpcJson.Default.ExplainResult), JsonSerializer.Serialize(unknown, IpcJson.Default.ExplainResult));
        Assert.DoesNotContain("signature", JsonSerializer.Serialize(forged, IpcJson.Default.ExplainResult));
        Assert.Equal("bad_signature", Explain(AccessKind.Right, Altered(), own: [], OwnUid).Reason);
    }

    [Fact]
    public void A_thief_cannot_ask_in_its_owners_name()
    {
        var bound = CapabilityAuthorizerTests.TokenOf("bound_to_stranger");
        var error = Ask(AccessKind.Right, bound, own: bound, 1001, StrangerUid, out var result);
        Assert.Equal((ErrorCode.PermissionDenied, "peer_not_authorized"), (error!.Code, error.Reason));
        Assert.Null(result);
        Assert.Equal("wrong_uid", Explain(AccessKind.Right, bound, own: bound, 1001).Reason);
        Assert.True(Explain(AccessKind.Right, bound, own: [], OwnUid, StrangerUid).Allowed);
    }

    [Fact]
    public void A_caller_does_not_learn_by_what_it_was_revoked()
    {
        _revocations.AddRule(new RevocationRule(RevocationScope.Subject, "alice", _time.GetUtcNow(), _time.GetUtcNow().AddDays(1)));
        var held = Explain(AccessKind.Right, Tokens.Token(), own: Tokens.Token(), StrangerUid);
        Assert.Equal("revoked", held.Reason);
        Assert.Null(held.Checks.Single(c => c.Check == "revocation").Request);
        Assert.Equal("revoked by subject alice", Explain(AccessKind.Right, Tokens.Token(), own: [], OwnUid).Checks.Single(c => c.Check == "revocation").Request);
    }

    [Fact]
    public void The_right_to_explain_shows_everything_at_any_service_and_spends_its_own_rate_alone()
    {
        var explainer = Tokens.Token(Tokens.Claims with
        {
            CapabilityId = Tokens.IdOf(5), Service = "policy", Rights = NameList.Of("policy.explain"), Constraints = new() { RateLimit = new RateLimit(2) },
        });
        var asked = Tokens.Token(Tokens.Claims with { Constraints = Tokens.Claims.Constraints with { RateLimit = new RateLimit(1) } });
        Assert.Equal(("full", true), (Explain(AccessKind.Right, asked, explainer, StrangerUid).View, Explain(AccessKind.Right, asked, explainer, StrangerUid).Allowed));
        Assert.Equal("rate_limited", Ask(AccessKind.Right, asked, explainer, StrangerUid, null, out _)!.Reason);
    }

    [Theory]
    [InlineData("policy", "policy.ping")]
    [InlineData("fs", "fs.explain")]
    public void Another_right_shows_no_more_than_a_caller_sees(string service, string right)
    {
        var other = Tokens.Token(Tokens.Claims with { CapabilityId = Tokens.IdOf(5), Service = service, Rights = NameList.Of(right), Actions = service == "fs" ? NameList.Of("explain") : NameList.Empty });
        Assert.Equal("caller", Explain(AccessKind.Right, Tokens.Token(), other, StrangerUid).View);
        _isFresh = false;
        var explainer = Tokens.Token(Tokens.Claims with { CapabilityId = Tokens.IdOf(6), Rights = NameList.Of("policy.explain") });
        Assert.Equal(("caller", "verifier_stale"), (Explain(AccessKind.Right, explainer, explainer, OwnUid).View, Explain(AccessKind.Right, explainer, explainer, OwnUid).Reason));
    }

    [Fact]
    public void Whether_a_ticket_was_used_is_left_to_the_call_and_without_a_ledger_it_is_denied()
    {
        var ticket = Tokens.Token(Tokens.Claims with { Constraints = new() { Once = true } });
        Assert.Equal("already_used", Explain(AccessKind.Right, ticket, ticket, StrangerUid).Reason);
    }

    [Fact]
    public void A_thief_of_a_bound_token_learns_no_more_than_that_it_is_not_his()
    {
        var bound = Tokens.Token(Tokens.Claims with { Rights = NameList.Of("fs.list"), Constraints = new() { HolderKey = HolderKey.Of(Tokens.OtherKey.VerificationKey.PublicKey) } });
        var held = Explain(AccessKind.Right, bound, bound, StrangerUid);
        Assert.Equal("proof_missing", held.Reason);
        Assert.Equal("not_reached", held.Checks.Single(c => c.Check == "right").Outcome);
        var full = Explain(AccessKind.Right, bound, own: [], OwnUid);
        Assert.Equal(("right_missing", "not_checked"), (full.Reason, full.Checks.Single(c => c.Check == "holder_key").Outcome));
    }

    [Fact]
    public async Task Trying_a_capability_by_explanations_leaves_a_trace_and_an_operators_question_none()
    {
        Explain(AccessKind.Right, CapabilityAuthorizerTests.TokenOf("other_right"), own: [], StrangerUid);
        Explain(AccessKind.Right, Altered(), own: [], StrangerUid);
        Explain(AccessKind.Right, CapabilityAuthorizerTests.TokenOf("good"), own: [], StrangerUid);
        Explain(AccessKind.Right, Altered(), own: [], OwnUid);
        await _audit.DisposeAsync();
        var lines = File.ReadAllLines(Path.Combine(_directory.Settings.AuditDir, "fs.jsonl")).Select(l => JsonElement.Parse(l)).ToList();
        Assert.Equal(["right_missing", "bad_signature"], lines.Select(l => l.GetProperty("reason").GetString()));
        Assert.All(lines, l => Assert.Equal(("policy.explained", "denied", "fs.read"), (l.GetProperty("event").GetString(), l.GetProperty("outcome").GetString(), l.GetProperty("resource").GetString())));
        Assert.Equal("alice", lines[0].GetProperty("subject").GetString());
        Assert.False(lines[1].TryGetProperty("subject", out _));
    }

    [Fact]
    public void Everything_agrees_with_the_calls_of_random_capabilities()
    {
        var random = new Random(20260601);
        for (var run = 0; run < 300; run++)
        {
            var claims = Tokens.Claims with
            {
                CapabilityId = Tokens.IdOf(100 + run),
                Rights = NameList.Of(random.Next(2) == 0 ? "fs.read" : "fs.list"),
                Issuer = random.Next(6) == 0 ? "identity@other" : Tokens.Claims.Issuer,
                Audience = random.Next(6) == 0 ? "other" : Tokens.Claims.Audience,
                Service = random.Next(6) == 0 ? "registry" : "fs",
                IssuedAt = _time.GetUtcNow().AddHours(random.Next(-3, 2)),
                ExpiresAt = _time.GetUtcNow().AddHours(random.Next(2, 4) - (random.Next(4) == 0 ? 2 : 0)),
                Constraints = Tokens.Claims.Constraints with { Uid = random.Next(4) == 0 ? StrangerUid : null, ReadOnly = random.Next(6) == 0, Once = random.Next(6) == 0 },
            };
            if (claims.ExpiresAt <= claims.IssuedAt)
            {
                continue;
            }

            if (random.Next(5) == 0)
            {
                _revocations.Add(new RevokedCapability(claims.CapabilityId, claims.ExpiresAt));
            }

            var token = Tokens.Token(claims);
            var uid = random.Next(2) == 0 ? StrangerUid : 1001u;
            var explained = Explain(AccessKind.Right, token, token, uid);
            var denied = CapabilityAuthorizerTests.AskOf(_authorizer, AccessKind.Right, token, uid, _time);
            Assert.Equal((denied is null, denied?.Reason), (explained.Allowed, explained.Reason));
        }
    }

    /// <summary>A token that somebody has changed: of a known key, and not as it signed it.</summary>
    private static byte[] Altered()
    {
        var token = Tokens.Token();
        token[20] = token[20] == (byte)'A' ? (byte)'B' : (byte)'A';
        return token;
    }

    private ExplainResult Explain(AccessKind access, byte[] token, byte[] own, uint uid, uint? asUid = null)
    {
        Assert.Null(Ask(access, token, own, uid, asUid, out var result));
        return result!;
    }

    private RpcError? Ask(AccessKind access, byte[] token, byte[] own, uint uid, uint? asUid, out ExplainResult? result)
    {
        var explain = new MethodTable("fs").Find("policy.explain"u8)!;
        var call = new CallContext(explain, "r1", new Peer(77, uid, uid), _time);
        return _authorizer.Explain(
            new ExplanationQuery { Method = CapabilityAuthorizerTests.MethodOf(access), Needs = new CallNeeds(null, FurtherNeeds.None), Token = token, Uid = asUid, Own = new AuthorizationQuery { Method = explain, Token = own, Peer = call.Peer, Call = call } },
            out result);
    }
}
