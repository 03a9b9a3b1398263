namespace Strata.Policy.Tests;

/// <summary>What is refused is refused with its name, what was expected, and the bound.</summary>
public class FaultMessageTests
{
    private static readonly IssueRequest Plain = new() { Service = "fs" };

    [Fact]
    public void A_request_that_is_not_well_formed_is_told_what_was_expected()
    {
        (string Said, IssueRequest Request)[] faults =
        [
            ("service: is required: name the service the capability is for, such as \"fs\"", new()),
            ("service: must be a lower-case name of at most 128 letters, digits, '_' and '-', such as \"fs\"", new() { Service = "Fs" }),
            ("actions[0]: must be an action, such as \"open\", in lower case and at most 128 bytes", Plain with { Actions = ["Open"] }),
            ("rights[1]: must be a right, such as \"fs.open\", in lower case and at most 128 bytes", Plain with { Rights = ["fs.a", "b"] }),
            ("rights: must have at most 64 entries, not 65", Plain with { Rights = [.. Enumerable.Repeat("fs.a", 65)] }),
            ("methods_denied[0]: must be a method, such as \"fs.list\", in lower case and at most 128 bytes", Plain with { MethodsDenied = ["list"] }),
            ("subject: must be at most 128 letters, digits and . _ - @ : / +", Plain with { Subject = "two words" }),
            ("ttl_seconds: must be from 1 to 86400", Plain with { TtlSeconds = 0 }),
            ("max_bytes: must be from 1 to 9007199254740991", Plain with { MaxBytes = 0 }),
            ("quota_bytes: must be from 1 to 9007199254740991", Plain with { QuotaBytes = 0 }),
            ("uid: must be from 0 to 4294967294", Plain with { Uid = -1 }),
            ("rate_limit: must be a whole number from 1 to 1000000 followed by \"rps\", such as \"50rps\"", Plain with { RateLimit = "50" }),
            ("path_prefix: must be an absolute path, such as \"/srv/data\"", Plain with { PathPrefix = "srv" }),
            ("path_prefix: must not contain control characters", Plain with { PathPrefix = "/a\nb" }),
            ("path_prefix: must be normalised: no empty, \".\" or \"..\" parts", Plain with { PathPrefix = "/a/../b" }),
            ("path_prefix: must be at most 4096 bytes long", Plain with { PathPrefix = "/" + new string('a', 4096) }),
            ("path_prefix: must have no part longer than 255 bytes", Plain with { PathPrefix = "/" + new string('a', 256) }),
            ("path_prefix: must be at most 128 folders deep", Plain with { PathPrefix = string.Concat(Enumerable.Repeat("/a", 129)) }),
            ("path_prefix: must be well-formed Unicode", Plain with { PathPrefix = "/\ud800" }),
            ("not_before: must be an RFC 3339 time such as 2026-01-31T12:00:00Z", Plain with { NotBefore = "soon" }),
            ("holder_key: must be an Ed25519 public key in base64url, 43 characters without padding", Plain with { HolderKey = "key" }),
            ("holder_key: must be a generated Ed25519 key: anybody could sign for this one", Plain with { HolderKey = new string('A', 43) }),
        ];
        Assert.All(faults, f => Assert.Equal(f.Said, FaultOf(f.Request)));
    }

    [Fact]
    public void Numbers_at_their_bounds_are_taken()
    {
        Assert.Null(FaultOf(Plain with { MaxBytes = 1, QuotaBytes = 1, Uid = 0, TtlSeconds = 1 }));
        Assert.Null(FaultOf(Plain with { MaxBytes = ClaimLimits.MaxByteCount, QuotaBytes = ClaimLimits.MaxByteCount, Uid = ClaimLimits.MaxUid, TtlSeconds = 86_400 }));
    }

    [Fact]
    public void A_node_allows_a_day_and_gives_an_hour_where_nothing_else_is_configured() =>
        Assert.Equal((3600, 86_400), (IssueLimits.Default.DefaultTtlSeconds, IssueLimits.Default.MaxTtlSeconds));

    [Fact]
    public void Whoever_asks_for_more_than_is_held_is_told_what_is_held()
    {
        var parent = Samples.Bound(Samples.Claims);
        var all = parent.Constraints;
        const string Issuer = "issuer: must be the one of your own capability";
        (string Said, CapabilityClaims Child)[] excesses =
        [
            (Issuer, parent with { Issuer = "identity@other" }),
            (Issuer, parent with { Audience = "other" }),
            ("service: must be the one of your own capability", parent with { Service = "registry" }),
            ("ttl_seconds: must end no later than your own capability", parent with { ExpiresAt = parent.ExpiresAt.AddSeconds(1) }),
            ("rights[1]: must be a right your own capability holds", parent with { Rights = NameList.Of("fs.open", "fs.write") }),
            ("actions[0]: must be an action your own capability holds", parent with { Actions = NameList.Of("write") }),
            ("constraints: must be ones this version knows, here and in your own capability", With(all with { Unknown = NameList.Of("x") })),
            ("path_prefix: must lie beneath the prefix of your own capability", With(all with { PathPrefix = Samples.Prefix("/") })),
            ("rate_limit: must be given and be at most 50rps, the rate of your own capability", With(all with { RateLimit = null })),
            ("max_bytes: must be given and be at most 4096, that of your own capability", With(all with { MaxBytes = null })),
            ("quota_bytes: must be given and be at most 1048576, that of your own capability", With(all with { QuotaBytes = null })),
            ("methods_denied: must hold every method your own capability denies", With(all with { MethodsDenied = NameList.Empty })),
            ("read_only: must be true, as in your own capability", With(all with { ReadOnly = false })),
            ("once: must be true, as in your own capability", With(all with { Once = false })),
            ("not_before: must be given and be no earlier than that of your own capability", With(all with { NotBefore = null })),
            ("uid: must be the one your own capability is bound to", With(all with { Uid = null })),
            ("holder_key: must be the one your own capability is bound to", With(all with { HolderKey = null })),
        ];
        Assert.All(excesses, e => Assert.Equal(e.Said, Narrowing.FindExcess(e.Child, parent)?.ToString()));

        CapabilityClaims With(CapabilityConstraints constraints) => parent with { Constraints = constraints };
    }

    [Fact]
    public void Whoever_cannot_pass_a_capability_on_is_told_why()
    {
        var deep = Enumerable.Range(1, ClaimLimits.MaxChain).Aggregate(Samples.Claims, (at, i) => Derive(at, new(), i).Child!);
        var denies = Samples.Claims with { Constraints = Samples.Claims.Constraints with { MethodsDenied = NameList.Of("fs.list") } };
        (string Said, CapabilityClaims Parent, IssueRequest Wish)[] refusals =
        [
            ("chain: must be at most 8 deep; narrow an earlier capability instead", deep, new()),
            ("once: must be true, as in your own capability", Samples.Bound(Samples.Claims), new() { Once = false }),
            ("ttl_seconds: must end no later than your own capability, which ends now", Samples.Claims with { ExpiresAt = Samples.Now }, new()),
            ("methods_denied: must, with those of your own capability, be at most 64", denies, new() { MethodsDenied = [.. Enumerable.Range(0, 64).Select(i => $"fs.m{i}")] }),
            ("not_before: must come before the capability expires", Samples.Claims, new() { NotBefore = "2026-01-31T13:00:00Z" }),
        ];
        Assert.All(refusals, r => Assert.Equal(r.Said, Derive(r.Parent, r.Wish, 99).Fault?.ToString()));
    }

    [Fact]
    public void Claims_that_do_not_fit_into_a_token_are_told_what_to_ask_less_of()
    {
        var large = Samples.Claims with { Rights = NameList.Of(Enumerable.Range(0, 64).Select(i => $"fs.{new string('r', 120)}{i}")) };
        Assert.False(TokenIssuer.TryIssue(large, TestKeys.V2, out var token, out var fault));
        Assert.Null(token);
        Assert.Equal("rights: must fit, with actions and path_prefix, into a token of 8192 bytes; ask for less", fault.ToString());
        Assert.Contains("rights: must fit", Assert.Throws<ArgumentException>(() => TokenIssuer.Issue(large, TestKeys.V2)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Claims_are_made_only_with_an_issuer_and_an_id()
    {
        Assert.True(IssueValidation.TryValidate(Plain, IssueLimits.Default, out var grant, out _));
        var (issuer, id) = (CapabilityNames.IssuerOf("local-0"), Samples.CapId);
        Assert.Equal("identity@local-0", grant.ToClaims(issuer, id, Samples.Now).Issuer);
        const string Said = "The issuer or the capability id is not well-formed.";
        Assert.Equal(Said, Assert.Throws<ArgumentException>(() => grant.ToClaims("two words", id, Samples.Now)).Message);
        Assert.Equal(Said, Assert.Throws<ArgumentException>(() => grant.ToClaims(issuer, "xyz", Samples.Now)).Message);
    }

    private static string? FaultOf(IssueRequest request) =>
        IssueValidation.TryValidate(request, IssueLimits.Default, out _, out var fault) ? null : fault.ToString();

    private static (CapabilityClaims? Child, FieldFault? Fault) Derive(CapabilityClaims parent, IssueRequest wish, int id) =>
        (Attenuation.TryDerive(parent, wish, Samples.CapIdOf(id), Samples.Now, out var child, out var fault, out _) ? child : null, fault);
}
