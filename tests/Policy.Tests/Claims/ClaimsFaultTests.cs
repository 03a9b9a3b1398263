using System.Buffers;
using System.Text;

namespace Strata.Policy.Tests;

/// <summary>Each fault of a token's claims has its own words, which name the claim and what it must be.</summary>
public class ClaimsFaultTests
{
    private static readonly string Plain = Written(Samples.Claims);

    [Theory]
    [InlineData("[]", "claims: must be an object")]
    [InlineData("", "is not well-formed JSON")]
    [InlineData("{\"x_a\":[1,}", "is not well-formed JSON")]
    [InlineData("{\"x_a\":", "is not well-formed JSON")]
    [InlineData("{}", "lacks required claims: CapabilityId, Subject, IssuedAt, ExpiresAt, Service")]
    public void What_is_no_object_of_claims_says_so(string json, string said) => Assert.Equal(said, FaultOf(json));

    [Fact]
    public void What_follows_the_claims_is_a_fault() => Assert.Equal("is not well-formed JSON", FaultOf(Plain + "{}"));

    [Theory]
    [InlineData("\"nbf\":1", "nbf: is not a claim this version knows")]
    [InlineData("\"sub\":\"capability\"", "sub: is given twice")]
    [InlineData("\"x_a\":1,\"x_a\":2", "x_a: is given twice")]
    [InlineData("\"template\":1", "template: must be a string of valid Unicode")]
    [InlineData("\"template\":null", "template: must be a string of valid Unicode")]
    [InlineData("\"template\":\"\\ud800\"", "template: must be a string of valid Unicode")]
    [InlineData("\"template\":\"Agent\"", "template: is not well-formed")]
    [InlineData("\"since\":\"soon\"", "since: must be an RFC 3339 time such as 2026-01-31T12:00:00Z")]
    [InlineData("\"since\":\"2026-01-31T12:00:01Z\"", "since: must not be later than iat")]
    [InlineData("\"actions\":1", "actions: must be a list")]
    [InlineData("\"actions\":[1]", "actions: must be a string of valid Unicode")]
    [InlineData("\"actions\":[\"Open\"]", "actions: holds a name that is not well-formed, or one twice")]
    [InlineData("\"actions\":[\"a\",\"a\"]", "actions: holds a name that is not well-formed, or one twice")]
    [InlineData("\"constraints\":[]", "constraints: must be an object")]
    [InlineData("\"constraints\":{\"a\":1,\"a\":1}", "constraints: one is given twice")]
    [InlineData("\"constraints\":{\"rate_limit\":\"5\"}", "constraints.rate_limit: must be a whole number from 1 to 1000000 followed by \"rps\", such as \"50rps\"")]
    [InlineData("\"constraints\":{\"path_prefix\":\"a\"}", "constraints.path_prefix: must be an absolute path, such as \"/srv/data\"")]
    [InlineData("\"constraints\":{\"holder_key\":\"a\"}", "constraints.holder_key: must be an Ed25519 public key in base64url, 43 characters without padding")]
    [InlineData("\"constraints\":{\"methods_denied\":[]}", "constraints.methods_denied: must name a method, or be left out")]
    [InlineData("\"constraints\":{\"once\":false}", "constraints.once: must be true, or left out")]
    [InlineData("\"constraints\":{\"read_only\":false}", "constraints.read_only: must be true, or left out")]
    [InlineData("\"constraints\":{\"uid\":-0}", "constraints.uid: must be a whole number from 0 to 4294967294")]
    [InlineData("\"constraints\":{\"max_bytes\":\"1\"}", "constraints.max_bytes: must be a whole number from 1 to 9007199254740991")]
    [InlineData("\"constraints\":{\"quota_bytes\":0}", "constraints.quota_bytes: must be a whole number from 1 to 9007199254740991")]
    [InlineData("\"constraints\":{\"not_before\":\"soon\"}", "constraints.not_before: must be an RFC 3339 time such as 2026-01-31T12:00:00Z")]
    [InlineData("\"chain\":{}", "chain: must be a list")]
    [InlineData("\"chain\":[]", "chain: must name a capability, or be left out")]
    [InlineData("\"chain\":[\"a\"]", "chain: must hold objects")]
    [InlineData("\"chain\":[{\"sub\":\"bob\"}]", "chain: lacks an id")]
    [InlineData("\"chain\":[{\"id\":\"0011\"}]", "chain.id: is not well-formed")]
    [InlineData("\"chain\":[{\"id\":\"0011223344556677\",\"sub\":\"two words\"}]", "chain.sub: is not well-formed")]
    [InlineData("\"chain\":[{\"id\":\"0011223344556677\",\"id\":\"0011223344556677\"}]", "chain: has a member twice")]
    [InlineData("\"chain\":[{\"id\":\"0011223344556677\",\"only_on\":1}]", "chain: has a member this version does not know")]
    [InlineData("\"chain\":[{\"id\":\"0011223344556677\",\"quota_bytes\":0}]", "chain.quota_bytes: must be a whole number from 1 to 9007199254740991")]
    [InlineData("\"chain\":[{\"id\":\"0011223344556677\",\"rate_limit\":\"5\"}]", "chain.rate_limit: must be a whole number from 1 to 1000000 followed by \"rps\", such as \"50rps\"")]
    [InlineData("\"chain\":[{\"id\":\"0011223344556677\"},{\"id\":\"0011223344556677\"}]", "chain: holds a capability twice")]
    [InlineData("\"chain\":[{\"id\":\"00112233445566778899aabbccddeeff\"}]", "chain: must not hold the capability itself")]
    public void A_claim_that_is_not_well_formed_says_which_and_why(string claim, string said) => Assert.Equal(said, FaultOf(With(claim)));

    [Theory]
    [InlineData("x_")]
    [InlineData("service.")]
    public void A_name_of_a_claim_has_a_longest_length(string stem)
    {
        var longest = stem + new string('a', ClaimLimits.MaxNameBytes - stem.Length);
        Assert.Equal("claim name: must be at most 128 bytes long", FaultOf(With($"\"{longest}a\":1")));
        Assert.NotEqual("claim name: must be at most 128 bytes long", FaultOf(With($"\"{longest}\":1")));
    }

    [Fact]
    public void Names_within_constraints_and_chains_have_a_longest_length()
    {
        var name = new string('a', ClaimLimits.MaxNameBytes);
        Assert.Null(FaultOf(With($"\"constraints\":{{\"{name}\":1}}")));
        Assert.Equal("constraints: must be at most 128 bytes long", FaultOf(With($"\"constraints\":{{\"{name}a\":1}}")));
        Assert.Equal("chain: must be at most 128 bytes long", FaultOf(With($"\"chain\":[{{\"{name}a\":1}}]")));
        Assert.Equal("chain.id: must be at most 128 bytes long", FaultOf(With($"\"chain\":[{{\"id\":\"{name}a\"}}]")));
        Assert.Equal("template: must be at most 128 bytes long", FaultOf(With($"\"template\":\"{name}a\"")));
        Assert.Equal("actions: must be at most 128 bytes long", FaultOf(With($"\"actions\":[\"{name}a\"]")));
    }

    [Fact]
    public void Lists_that_are_too_long_say_how_long_they_may_be()
    {
        Assert.Equal("actions: has more than 32 entries", FaultOf(With($"\"actions\":[{Many(33, i => $"\"a{i}\"")}]")));
        Assert.Equal("constraints: has more than 16 entries", FaultOf(With($"\"constraints\":{{{Many(17, i => $"\"a{i}\":1")}}}")));
        Assert.Equal("chain: has more than 8 capabilities", FaultOf(With($"\"chain\":[{Many(9, i => $"{{\"id\":\"{Samples.CapIdOf(i + 1)}\"}}")}]")));
    }

    [Fact]
    public void Values_at_their_bounds_are_read()
    {
        Assert.Equal(1, Read(With("\"chain\":[{\"id\":\"0011223344556677\",\"quota_bytes\":1}]")).Chain[0].QuotaBytes);
        Assert.Equal(Samples.Now, Read(With("\"since\":\"2026-01-31T12:00:00Z\"")).Since);
        var longest = new string('f', ClaimLimits.MaxCapabilityIdDigits);
        Assert.Equal(longest, Read(Written(Samples.Claims with { CapabilityId = longest })).CapabilityId);
        Assert.Equal(["only_on", "another"], Read(With("\"constraints\":{\"only_on\":[{}],\"another\":{\"a\":[1]}}")).Constraints.Unknown);
    }

    [Fact]
    public void A_token_for_somebody_else_is_read_as_what_it_is()
    {
        var read = Read(Written(Samples.Claims with { Issuer = "identity@other", Audience = "other" }));
        Assert.Equal(("identity@other", "other"), (read.Issuer, read.Audience));
    }

    [Fact]
    public void Claims_that_hold_what_is_not_known_are_not_written() => Assert.StartsWith(
        "Claims with unknown constraints cannot be written again.",
        Assert.Throws<ArgumentException>(() => Written(Samples.Claims with { Constraints = new() { Unknown = NameList.Of("x") } })).Message,
        StringComparison.Ordinal);

    /// <summary>The plain claims, without the lists that a test brings along, and one claim more.</summary>
    private static string With(string claim) => Written(Samples.Claims with { Constraints = CapabilityConstraints.None })[..^1] + "," + claim + "}";

    private static string Many(int count, Func<int, string> text) => string.Join(',', Enumerable.Range(0, count).Select(text));

    private static string Written(CapabilityClaims claims)
    {
        var json = new ArrayBufferWriter<byte>();
        ClaimsWriter.Write(claims, json);
        return Encoding.UTF8.GetString(json.WrittenSpan);
    }

    private static string? FaultOf(string json) => ClaimsReader.TryRead(Encoding.UTF8.GetBytes(json), ClaimsRules.Strict, out _, out var fault) ? null : fault;

    private static CapabilityClaims Read(string json)
    {
        Assert.True(ClaimsReader.TryRead(Encoding.UTF8.GetBytes(json), ClaimsRules.Strict, out var claims, out var fault), fault);
        return claims;
    }
}
