using System.Text.Json;
using Strata.Hosting.Tests.Server;
using Strata.Ipc;
using Strata.Policy;

namespace Strata.Hosting.Tests.Authorization;

public sealed class CapabilityAuthorizerTests : IAsyncDisposable
{
    private const uint OwnUid = 900;
    private const uint FurtherUid = 901;
    private const uint StrangerUid = 1000;

    private readonly TestDirectory _directory = new();
    private readonly ManualTime _time = new();
    private readonly RevocationSet _revocations = new();
    private readonly AuditLog _audit;
    private readonly CapabilityAuthorizer _authorizer;
    private bool _isFresh = true;

    public CapabilityAuthorizerTests()
    {
        _audit = new AuditLog(_directory.Settings, "fs", _time, new TestLog());
        var verifier = new TokenVerifier(Tokens.Provider, KeySet.Of(Tokens.Key.VerificationKey), _revocations);
        _authorizer = new CapabilityAuthorizer(
            "fs", _directory.Settings, verifier, new PeerAuthority(OwnUid, new HashSet<uint> { FurtherUid }), () => _isFresh, _time, _audit);
    }

    private static DateTimeOffset Now => new ManualTime().GetUtcNow();

    /// <summary>Access, token, uid, expected code (null: allowed), reason told, reason audited.</summary>
    public static TheoryData<AccessKind, string, uint, ErrorCode?, string?, string?> Cases => new()
    {
        { AccessKind.Open, "none", StrangerUid, null, null, null },
        { AccessKind.Open, "garbage", StrangerUid, null, null, null },
        { AccessKind.Right, "none", StrangerUid, ErrorCode.Unauthenticated, "missing_token", "missing_token" },
        { AccessKind.Right, "none", OwnUid, ErrorCode.Unauthenticated, "missing_token", "missing_token" },
        { AccessKind.Right, "none", 0, ErrorCode.Unauthenticated, "missing_token", "missing_token" },
        { AccessKind.Right, "good", StrangerUid, null, null, null },
        { AccessKind.Right, "garbage", StrangerUid, ErrorCode.Unauthenticated, "malformed_token", "malformed_token" },
        { AccessKind.Right, "forged", StrangerUid, ErrorCode.Unauthenticated, null, "unknown_key" },
        { AccessKind.Right, "unknown_version", StrangerUid, ErrorCode.Unauthenticated, null, "unknown_key" },
        { AccessKind.Right, "expired", StrangerUid, ErrorCode.Unauthenticated, "expired", "expired" },
        { AccessKind.Right, "future", StrangerUid, ErrorCode.Unauthenticated, "not_yet_valid", "not_yet_valid" },
        { AccessKind.Right, "revoked", StrangerUid, ErrorCode.Unauthenticated, "revoked", "revoked" },
        { AccessKind.Right, "other_node", StrangerUid, ErrorCode.Unauthenticated, "wrong_issuer", "wrong_issuer" },
        { AccessKind.Right, "other_audience", StrangerUid, ErrorCode.Unauthenticated, "wrong_audience", "wrong_audience" },
        { AccessKind.Right, "other_service", StrangerUid, ErrorCode.PermissionDenied, "wrong_service", "wrong_service" },
        { AccessKind.Right, "other_right", StrangerUid, ErrorCode.PermissionDenied, "right_missing", "right_missing" },
        { AccessKind.Right, "bound_to_stranger", StrangerUid, null, null, null },
        { AccessKind.Right, "bound_to_stranger", OwnUid, ErrorCode.PermissionDenied, "wrong_uid", "wrong_uid" },
        { AccessKind.Right, "bound_to_stranger", 0, ErrorCode.PermissionDenied, "wrong_uid", "wrong_uid" },
        { AccessKind.Right, "denies_read", StrangerUid, ErrorCode.PermissionDenied, "method_denied", "method_denied" },
        { AccessKind.Right, "begins_later", StrangerUid, ErrorCode.Unauthenticated, "not_before", "not_before" },
        { AccessKind.Right, "read_only", StrangerUid, ErrorCode.PermissionDenied, "unknown_constraint", "unknown_constraint" },
        { AccessKind.RightOrAuthority, "none", StrangerUid, ErrorCode.Unauthenticated, "missing_token", "missing_token" },
        { AccessKind.RightOrAuthority, "none", OwnUid, null, null, null },
        { AccessKind.RightOrAuthority, "none", FurtherUid, null, null, null },
        { AccessKind.RightOrAuthority, "none", 0, null, null, null },
        { AccessKind.RightOrAuthority, "good", StrangerUid, null, null, null },
        { AccessKind.RightOrAuthority, "other_right", 0, ErrorCode.PermissionDenied, "right_missing", "right_missing" },
        { AccessKind.RightOrAuthority, "garbage", OwnUid, ErrorCode.Unauthenticated, "malformed_token", "malformed_token" },
        { AccessKind.Authority, "none", StrangerUid, ErrorCode.PermissionDenied, "peer_not_authorized", "peer_not_authorized" },
        { AccessKind.Authority, "none", OwnUid, null, null, null },
        { AccessKind.Authority, "good", StrangerUid, ErrorCode.PermissionDenied, "peer_not_authorized", "peer_not_authorized" },
        { AccessKind.Authority, "good", OwnUid, ErrorCode.PermissionDenied, "peer_not_authorized", "peer_not_authorized" },
    };

    public async ValueTask DisposeAsync()
    {
        await _audit.DisposeAsync();
        _directory.Dispose();
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Decision_is_that_of_the_table(AccessKind access, string token, uint uid, ErrorCode? code, string? told, string? audited)
    {
        _revocations.Add(new RevokedCapability(Tokens.IdOf(66), Now.AddHours(1)));
        var error = Ask(access, TokenOf(token), uid, out _);
        Assert.Equal(code, error?.Code);
        Assert.Equal(told, error?.Reason);
        Assert.Equal(audited is null ? [] : [audited], await AuditedAsync());
    }

    [Fact]
    public void Hidden_reasons_read_alike()
    {
        var forged = Ask(AccessKind.Right, TokenOf("forged"), StrangerUid, out _);
        var unknown = Ask(AccessKind.Right, TokenOf("unknown_version"), StrangerUid, out _);
        Assert.Equal(forged, unknown);
    }

    [Fact]
    public void Principal_tells_holder_from_authority()
    {
        Ask(AccessKind.RightOrAuthority, TokenOf("good"), OwnUid, out var holder);
        Assert.Equal("alice", Assert.IsType<Principal>(holder).Subject);
        Assert.Equal(Tokens.IdOf(1), ((Principal)holder!).CapabilityId);
        Ask(AccessKind.RightOrAuthority, [], OwnUid, out var authority);
        Assert.True(Assert.IsType<Principal>(authority).IsAuthority);
        Assert.Null(((Principal)authority!).CapabilityId);
    }

    [Theory]
    [InlineData("/srv/data", "notes.txt", null, null)]
    [InlineData("/srv/data", "/srv/data/notes.txt", null, null)]
    [InlineData("/srv/data", "../etc/passwd", ErrorCode.PermissionDenied, "path_outside_prefix")]
    [InlineData("/srv/data", "/etc/passwd", ErrorCode.PermissionDenied, "path_outside_prefix")]
    [InlineData("/srv/data", "/srv/database", ErrorCode.PermissionDenied, "path_outside_prefix")]
    [InlineData("/srv/data", "", ErrorCode.InvalidArgument, "invalid_path")]
    [InlineData("/srv/data", "a\0b", ErrorCode.InvalidArgument, "invalid_path")]
    [InlineData(null, "notes.txt", ErrorCode.PermissionDenied, "no_path_prefix")]
    public async Task Path_is_held_to_the_prefix(string? prefix, string path, ErrorCode? code, string? reason)
    {
        var claims = Tokens.Claims with { Constraints = new() { PathPrefix = prefix is null ? null : Tokens.Prefix(prefix) } };
        var error = AskForPath(claims, path);
        Assert.Equal((code, reason), (error?.Code, error?.Reason));
        Assert.Equal(reason is null ? [] : [reason], await AuditedAsync());
    }

    [Fact]
    public async Task Denial_is_audited_with_who_what_and_why_but_no_token()
    {
        AskForPath(Tokens.Claims, "../x");
        await _audit.DisposeAsync();
        var text = File.ReadAllText(Path.Combine(_directory.Settings.AuditDir, "fs.jsonl"));
        var line = JsonElement.Parse(text);
        Assert.Equal(
            ["auth.denied", "denied", "r1", "alice", Tokens.IdOf(1), "fs.read", "../x", "path_outside_prefix"],
            new[] { "event", "outcome", "req_id", "subject", "cap_id", "method", "resource", "reason" }.Select(n => line.GetProperty(n).GetString()));
        Assert.Equal(1000, line.GetProperty("uid").GetInt32());
        Assert.Equal(77, line.GetProperty("pid").GetInt32());
        Assert.DoesNotContain("v2.public", text);
    }

    [Fact]
    public async Task Denial_of_a_dead_capability_is_audited_with_whose_it_was_and_one_of_a_forged_with_nobodys()
    {
        _revocations.Add(new RevokedCapability(Tokens.IdOf(1), Now.AddHours(1)));
        Ask(AccessKind.Right, TokenOf("good"), StrangerUid, out var principal);
        Assert.Null(principal);
        Ask(AccessKind.Right, TokenOf("forged"), StrangerUid, out _);
        await _audit.DisposeAsync();
        var lines = File.ReadAllLines(Path.Combine(_directory.Settings.AuditDir, "fs.jsonl")).Select(l => JsonElement.Parse(l)).ToList();
        Assert.Equal(("revoked", "alice", Tokens.IdOf(1)), (lines[0].GetProperty("reason").GetString(), lines[0].GetProperty("subject").GetString(), lines[0].GetProperty("cap_id").GetString()));
        Assert.False(lines[1].TryGetProperty("subject", out _));
    }

    [Fact]
    public void Calls_by_derived_capabilities_spend_the_rate_of_the_one_they_came_from()
    {
        var parent = Tokens.Claims with { Constraints = new() { RateLimit = new RateLimit(4) } };
        var children = Enumerable.Range(10, 3).Select(i => Attenuation.Below(parent, parent with { CapabilityId = Tokens.IdOf(i) })).ToArray();
        Assert.All(children, child => Assert.Null(Spend(child)));
        Assert.Null(Spend(parent));
        Assert.Equal("rate_limited", Spend(children[0])!.Reason);
        Assert.Equal("rate_limited", Spend(parent)!.Reason);
    }

    [Fact]
    public async Task Rate_is_spent_and_the_denial_says_when_to_come_back()
    {
        var claims = Tokens.Claims with { Constraints = new() { RateLimit = new RateLimit(4) } };
        Assert.All(Enumerable.Range(0, 4), _ => Assert.Null(Spend(claims)));
        var denied = Spend(claims)!;
        Assert.Equal((ErrorCode.ResourceExhausted, "rate_limited"), (denied.Code, denied.Reason));
        Assert.Equal("250", Assert.Single(denied.Details, d => d.Key == "retry_after_ms").Value);
        _time.Advance(TimeSpan.FromMilliseconds(249));
        Assert.NotNull(Spend(claims));
        _time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Null(Spend(claims));
        Assert.Equal(["rate_limited", "rate_limited"], await AuditedAsync());
    }

    [Fact]
    public async Task Stale_verifier_denies_whoever_shows_a_token_and_nobody_else()
    {
        _isFresh = false;
        var error = Ask(AccessKind.Right, TokenOf("good"), StrangerUid, out _)!;
        Assert.Equal((ErrorCode.Unavailable, "verifier_stale"), (error.Code, error.Reason));
        Assert.Equal("missing_token", Ask(AccessKind.Right, [], StrangerUid, out _)!.Reason);
        Assert.Null(Ask(AccessKind.RightOrAuthority, [], OwnUid, out _));
        Assert.Null(Ask(AccessKind.Open, [], StrangerUid, out _));
        Assert.Equal(["verifier_stale", "missing_token"], await AuditedAsync());
        _isFresh = true;
        Assert.Null(Ask(AccessKind.Right, TokenOf("good"), StrangerUid, out _));
    }

    [Fact]
    public void Revocation_holds_for_a_token_seen_before()
    {
        Assert.Null(Ask(AccessKind.Right, TokenOf("good"), StrangerUid, out _));
        _revocations.Add(new RevokedCapability(Tokens.IdOf(1), Now.AddHours(1)));
        Assert.Equal("revoked", Ask(AccessKind.Right, TokenOf("good"), StrangerUid, out _)!.Reason);
    }

    [Fact]
    public async Task Calls_in_progress_are_refused_once_when_their_capability_is_revoked_but_for_those_that_revoke()
    {
        var (mine, revoking, other) = (Begin(Tokens.Claims), Begin(Tokens.Claims, outlivesRevocation: true), Begin(Tokens.Claims with { CapabilityId = Tokens.IdOf(2) }));
        _authorizer.EndRevokedCalls();
        Assert.False(mine.Cancellation.IsCancellationRequested);

        _revocations.Add(new RevokedCapability(Tokens.IdOf(1), Now.AddHours(1)));
        _authorizer.EndRevokedCalls();
        _authorizer.EndRevokedCalls();

        await Patience.UntilAsync(() => mine.Cancellation.IsCancellationRequested);
        Assert.False(revoking.Cancellation.IsCancellationRequested);
        Assert.False(other.Cancellation.IsCancellationRequested);
        Assert.Equal(["revoked"], await AuditedAsync());
    }

    [Fact]
    public async Task A_call_whose_capability_is_revoked_while_it_begins_is_refused()
    {
        _revocations.Add(new RevokedCapability(Tokens.IdOf(1), Now.AddHours(1)));
        var call = Begin(Tokens.Claims);
        await Patience.UntilAsync(() => call.Cancellation.IsCancellationRequested);
        Assert.Equal(["revoked"], await AuditedAsync());
    }

    private CallContext Begin(CapabilityClaims claims, bool outlivesRevocation = false)
    {
        var method = new UnaryMethod<EchoParams, EchoResult>(
            "fs.read", "For tests.", Access.Right("fs.read"), TestJson.Default.EchoParams, TestJson.Default.EchoResult, (p, _) => (Reply<EchoResult>)new EchoResult(p.Text))
        {
            OutlivesRevocation = outlivesRevocation,
        };
        var call = new CallContext(method, "r1", new Peer(77, StrangerUid, StrangerUid), _time);
        call.Identify(Principal.Holder(claims));
        _authorizer.Began(call);
        return call;
    }

    internal static byte[] TokenOf(string kind) => kind switch
    {
        "none" => [],
        "good" => Tokens.Token(),
        "garbage" => "v2.public.!!!"u8.ToArray(),
        "forged" => Tokens.Token(key: Tokens.OtherKey),
        "unknown_version" => Tokens.Token(key: SigningKey.Generate(Tokens.Provider, TokenVersion.V4)),
        "expired" => Tokens.Token(Tokens.Claims with { IssuedAt = Now.AddHours(-2), ExpiresAt = Now.AddHours(-1) }),
        "bound_to_stranger" => Tokens.Token(Tokens.Claims with { Constraints = new() { Uid = StrangerUid } }),
        "denies_read" => Tokens.Token(Tokens.Claims with { Constraints = new() { MethodsDenied = NameList.Of("fs.read") } }),
        "begins_later" => Tokens.Token(Tokens.Claims with { Constraints = new() { NotBefore = Now.AddSeconds(1) } }),
        "read_only" => Tokens.Token(Tokens.Claims with { Constraints = new() { ReadOnly = true } }),
        "future" => Tokens.Token(Tokens.Claims with { IssuedAt = Now.AddHours(1), ExpiresAt = Now.AddHours(2) }),
        "revoked" => Tokens.Token(Tokens.Claims with { CapabilityId = Tokens.IdOf(66) }),
        "other_node" => Tokens.Token(Tokens.Claims with { Issuer = "identity@other" }),
        "other_audience" => Tokens.Token(Tokens.Claims with { Audience = "elsewhere" }),
        "other_service" => Tokens.Token(Tokens.Claims with { Service = "registry" }),
        "other_right" => Tokens.Token(Tokens.Claims with { Rights = NameList.Of("fs.list") }),
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, null),
    };

    internal static UnaryMethod<EchoParams, EchoResult> MethodOf(AccessKind access) => new(
        "fs.read", "For tests.", new Access(access, access is AccessKind.Right or AccessKind.RightOrAuthority ? "fs.read" : null),
        TestJson.Default.EchoParams, TestJson.Default.EchoResult, (p, _) => (Reply<EchoResult>)new EchoResult(p.Text));

    internal static RpcError? AskOf(CapabilityAuthorizer authorizer, AccessKind access, byte[] token, uint uid, TimeProvider time) =>
        AskOf(authorizer, access, token, uid, time, out _);

    private RpcError? Ask(AccessKind access, byte[] token, uint uid, out object? principal) => AskOf(_authorizer, access, token, uid, _time, out principal);

    private static RpcError? AskOf(CapabilityAuthorizer authorizer, AccessKind access, byte[] token, uint uid, TimeProvider time, out object? principal)
    {
        var method = MethodOf(access);
        var peer = new Peer(77, uid, uid);
        var call = new CallContext(method, "r1", peer, time);
        return authorizer.Authenticate(new AuthorizationQuery { Method = method, Token = token, Peer = peer, Call = call }, out principal);
    }

    private RpcError? AskForPath(CapabilityClaims claims, string path) => Second(claims, path);

    private RpcError? Spend(CapabilityClaims claims) => Second(claims, null);

    private RpcError? Second(CapabilityClaims claims, string? path)
    {
        var method = MethodOf(AccessKind.Right);
        var peer = new Peer(77, StrangerUid, StrangerUid);
        var call = new CallContext(method, "r1", peer, _time);
        Assert.Null(_authorizer.Authenticate(new AuthorizationQuery { Method = method, Token = Tokens.Token(claims), Peer = peer, Call = call }, out var principal));
        call.Identify(principal);
        return _authorizer.Authorize(principal, call, path);
    }

    private async Task<IEnumerable<string?>> AuditedAsync()
    {
        await _audit.CommitAsync(new AuditRecord("test.end", "allowed")).Soon();
        var lines = File.ReadAllLines(Path.Combine(_directory.Settings.AuditDir, "fs.jsonl")).Select(l => JsonElement.Parse(l));
        return lines.Where(l => l.GetProperty("event").GetString() == "auth.denied").Select(l => l.GetProperty("reason").GetString());
    }
}
