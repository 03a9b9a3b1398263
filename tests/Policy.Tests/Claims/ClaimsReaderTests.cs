using System.Text;

namespace Strata.Policy.Tests;

public class ClaimsReaderTests
{
    private const string Plain = """
        {"iss":"identity@local-0","aud":"strata","jti":"00112233445566778899aabbccddeeff","sub":"capability","iat":"2026-01-31T12:00:00Z","exp":"2026-01-31T13:00:00Z","service":"fs","rights":["fs.open","fs.read"],"constraints":{"path_prefix":"/srv/data","rate_limit":"50rps"}}
        """;

    [Fact]
    public void The_documented_claims_are_read() => Assert.Equal(Samples.Claims, Read(Plain));

    [Fact]
    public void The_canonical_form_is_written()
    {
        var json = new System.Buffers.ArrayBufferWriter<byte>();
        ClaimsWriter.Write(Samples.Claims, json);
        Assert.Equal(Plain.Trim(), Encoding.UTF8.GetString(json.WrittenSpan));
    }

    [Fact]
    public void Every_member_survives_a_round_trip()
    {
        var claims = Samples.Claims with
        {
            Subject = "user:alice@example.org",
            Actions = NameList.Of("open", "list"),
            Template = "agent-readonly",
            Since = Samples.Now.AddDays(-1),
            Chain = CapabilityChain.Of(new Ancestor(Samples.CapIdOf(1), "bob", new RateLimit(3), 4), new Ancestor(Samples.CapIdOf(2))),
            IssuedAt = Samples.Now.AddTicks(1_234_567),
            Constraints = new() { PathPrefix = Samples.Prefix("/srv/Fotos & \"Töne\"/日本") },
        };
        var json = new System.Buffers.ArrayBufferWriter<byte>();
        ClaimsWriter.Write(claims, json);
        Assert.Equal(claims, Read(Encoding.UTF8.GetString(json.WrittenSpan)));
    }

    [Theory]
    [InlineData("\"chain\":[]")]
    [InlineData("\"chain\":{}")]
    [InlineData("\"chain\":[\"0011223344556677\"]")]
    [InlineData("\"chain\":[{}]")]
    [InlineData("\"chain\":[{\"sub\":\"bob\"}]")]
    [InlineData("\"chain\":[{\"id\":\"0011\"}]")]
    [InlineData("\"chain\":[{\"id\":\"0011223344556677\",\"id\":\"0011223344556677\"}]")]
    [InlineData("\"chain\":[{\"id\":\"0011223344556677\"},{\"id\":\"0011223344556677\"}]")]
    [InlineData("\"chain\":[{\"id\":\"0011223344556677\",\"sub\":\"two words\"}]")]
    [InlineData("\"chain\":[{\"id\":\"0011223344556677\",\"rate_limit\":\"5\"}]")]
    [InlineData("\"chain\":[{\"id\":\"0011223344556677\",\"quota_bytes\":0}]")]
    [InlineData("\"chain\":[{\"id\":\"0011223344556677\",\"only_on\":\"x\"}]")]
    [InlineData("\"chain\":[{\"id\":\"00112233445566778899aabbccddeeff\"}]")]
    [InlineData("\"since\":\"2026-01-31T12:00:01Z\"")]
    [InlineData("\"since\":1")]
    [InlineData("\"template\":\"Agent\"")]
    [InlineData("\"parent\":\"0011223344556677\"")]
    public void A_chain_that_is_not_well_formed_is_refused(string claim)
    {
        AssertRefused("\"service\"", claim + ",\"service\"", claim.Split('"')[1]);
    }

    [Theory]
    [InlineData(8, true)]
    [InlineData(9, false)]
    public void A_chain_is_read_to_its_limit(int count, bool isRead)
    {
        var links = string.Join(',', Enumerable.Range(1, count).Select(i => $"{{\"id\":\"{Samples.CapIdOf(i)}\"}}"));
        Assert.Equal(isRead, ClaimsReader.TryRead(
            Encoding.UTF8.GetBytes(Plain.Trim().Replace("\"service\"", $"\"chain\":[{links}],\"service\"", StringComparison.Ordinal)), ClaimsRules.Strict, out _, out _));
    }

    [Theory]
    [InlineData("\"iss\":\"identity@local-0\",", "")]
    [InlineData("\"aud\":\"strata\",", "")]
    [InlineData("\"jti\":\"00112233445566778899aabbccddeeff\",", "")]
    [InlineData("\"sub\":\"capability\",", "")]
    [InlineData("\"iat\":\"2026-01-31T12:00:00Z\",", "")]
    [InlineData("\"exp\":\"2026-01-31T13:00:00Z\",", "")]
    [InlineData("\"service\":\"fs\",", "")]
    public void A_required_claim_may_not_be_missing(string claim, string nothing) => AssertRefused(claim, nothing);

    [Theory]
    [InlineData("\"aud\":\"strata\"", "\"aud\":\"strata\",\"aud\":\"strata\"", "twice")]
    [InlineData("\"rights\":[", "\"rights\":[],\"rights\":[", "twice")]
    [InlineData("\"rate_limit\":\"50rps\"", "\"rate_limit\":\"50rps\",\"rate_limit\":\"50rps\"", "twice")]
    [InlineData("\"fs.open\",", "\"fs.open\",\"fs.open\",", "twice")]
    [InlineData("\"service\"", "\"x_a\":1,\"x_a\":2,\"service\"", "twice")]
    public void Duplicates_are_refused(string part, string replacement, string fault) => AssertRefused(part, replacement, fault);

    [Theory]
    [InlineData("\"aud\":\"strata\"", "\"aud\":[\"strata\"]", "aud")]
    [InlineData("\"service\":\"fs\"", "\"service\":null", "service")]
    [InlineData("[\"fs.open\",\"fs.read\"]", "null", "rights")]
    [InlineData("[\"fs.open\",\"fs.read\"]", "\"fs.open\"", "rights")]
    [InlineData("\"fs.read\"]", "7]", "rights")]
    [InlineData("\"2026-01-31T13:00:00Z\"", "1769864400", "exp")]
    [InlineData("{\"path_prefix\":\"/srv/data\",\"rate_limit\":\"50rps\"}", "[]", "constraints")]
    [InlineData("\"50rps\"", "50", "rate_limit")]
    public void Wrong_types_are_refused(string part, string replacement, string field) => AssertRefused(part, replacement, field);

    [Theory]
    [InlineData("\"fs.open\"", "\"FS.open\"", "rights")]
    [InlineData("\"fs.open\"", "\"fs\"", "rights")]
    [InlineData("\"fs.open\"", "\"fs.*\"", "rights")]
    [InlineData("\"service\":\"fs\"", "\"service\":\"fs/../x\"", "service")]
    [InlineData("\"50rps\"", "\"50/s\"", "rate_limit")]
    [InlineData("\"/srv/data\"", "\"srv/data\"", "path_prefix")]
    [InlineData("\"/srv/data\"", "\"/srv/../etc\"", "path_prefix")]
    [InlineData("\"00112233445566778899aabbccddeeff\"", "\"00112233445566778899AABBCCDDEEFF\"", "jti")]
    [InlineData("2026-01-31T13:00:00Z", "2026-01-31T12:00:00Z", "exp")]
    [InlineData("\"capability\"", "\"cap\\nability\"", "sub")]
    [InlineData("\"/srv/data\"", "\"/srv/\\ud800\"", "path_prefix")]
    public void Values_that_are_not_well_formed_are_refused(string part, string replacement, string field) =>
        AssertRefused(part, replacement, field);

    [Theory]
    [InlineData("nbf", "\"2030-01-01T00:00:00Z\"")]
    [InlineData("bound_to", "{\"uid\":1000}")]
    [InlineData("SERVICE", "\"fs\"")]
    public void An_unknown_claim_might_restrict_and_is_refused(string name, string value) =>
        AssertRefused("\"service\"", $"\"{name}\":{value},\"service\"", name);

    [Fact]
    public void An_informative_claim_is_ignored() =>
        Assert.Equal(Samples.Claims, Read(Plain.Replace("\"service\"", "\"x_note\":{\"a\":[1,{}]},\"service\"", StringComparison.Ordinal)));

    [Fact]
    public void Unknown_constraints_are_kept_by_name()
    {
        var claims = Read(Plain.Replace("\"rate_limit\"", "\"only_on\":[\"monday\"],\"rate_limit\"", StringComparison.Ordinal));
        Assert.Equal(NameList.Of("only_on"), claims.Constraints.Unknown);
        Assert.Equal(new RateLimit(50), claims.Constraints.RateLimit);
        Assert.Throws<ArgumentException>(() => ClaimsWriter.Write(claims, new System.Buffers.ArrayBufferWriter<byte>()));
    }

    [Fact]
    public void Bare_tokens_of_the_original_are_refused_unless_the_rules_say_whose_they_are()
    {
        var bare = Plain.Replace("\"iss\":\"identity@local-0\",\"aud\":\"strata\",", "", StringComparison.Ordinal);
        Assert.False(TryRead(bare, ClaimsRules.Strict, out _, out _));
        var rules = new ClaimsRules { IssuerOfBareTokens = "identity@local-0" };
        Assert.True(TryRead(bare, rules, out var claims, out _));
        Assert.Equal(Samples.Claims, claims);
        Assert.False(TryRead(Plain.Replace("\"aud\":\"strata\",", "", StringComparison.Ordinal), rules, out _, out _));
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("\"{}\"")]
    [InlineData("{}")]
    [InlineData("{\"iss\":}")]
    [InlineData("{\"iss\"")]
    [InlineData("{\"x_a\":[[[[[[[[[]]]]]]]]]}")]
    public void What_is_no_object_of_claims_is_refused(string json) => Assert.False(TryRead(json, ClaimsRules.Strict, out _, out _));

    [Theory]
    [InlineData("{}")]
    [InlineData(" x")]
    [InlineData(",")]
    [InlineData("\0")]
    public void Nothing_may_follow_the_claims(string tail) => Assert.False(TryRead(Plain + tail, ClaimsRules.Strict, out _, out _));

    [Fact]
    public void Invalid_UTF_8_is_refused()
    {
        var bytes = Encoding.UTF8.GetBytes(Plain);
        bytes[Plain.IndexOf("data", StringComparison.Ordinal)] = 0xff;
        Assert.False(ClaimsReader.TryRead(bytes, ClaimsRules.Strict, out _, out _));
    }

    [Theory]
    [InlineData("rights", ClaimLimits.MaxRights, "fs.r")]
    [InlineData("actions", ClaimLimits.MaxActions, "a")]
    public void Lists_hold_as_many_names_as_the_limit_and_no_more(string field, int max, string stem)
    {
        var withoutRights = Plain.Replace("\"rights\":[\"fs.open\",\"fs.read\"]", "\"LIST\"", StringComparison.Ordinal);
        string With(int count) =>
            withoutRights.Replace("\"LIST\"", $"\"{field}\":[{string.Join(',', Enumerable.Range(0, count).Select(i => $"\"{stem}{i}\""))}]", StringComparison.Ordinal);
        Assert.True(TryRead(With(max), ClaimsRules.Strict, out _, out _));
        Assert.False(TryRead(With(max + 1), ClaimsRules.Strict, out _, out var fault));
        Assert.Contains(field, fault, StringComparison.Ordinal);
    }

    [Fact]
    public void There_are_as_many_constraints_as_the_limit_and_no_more()
    {
        string With(int count) => Plain.Replace(
            "\"path_prefix\"", string.Concat(Enumerable.Range(0, count - 2).Select(i => $"\"c{i}\":0,")) + "\"path_prefix\"", StringComparison.Ordinal);
        Assert.True(TryRead(With(ClaimLimits.MaxConstraints), ClaimsRules.Strict, out _, out _));
        Assert.False(TryRead(With(ClaimLimits.MaxConstraints + 1), ClaimsRules.Strict, out _, out _));
    }

    [Fact]
    public void A_name_may_be_as_long_as_the_limit_and_no_longer()
    {
        string With(int length) => Plain.Replace("\"fs.open\"", "\"fs." + new string('o', length - 3) + "\"", StringComparison.Ordinal);
        Assert.True(TryRead(With(ClaimLimits.MaxNameBytes), ClaimsRules.Strict, out _, out _));
        Assert.False(TryRead(With(ClaimLimits.MaxNameBytes + 1), ClaimsRules.Strict, out _, out _));
    }

    private static CapabilityClaims Read(string json)
    {
        Assert.True(TryRead(json, ClaimsRules.Strict, out var claims, out var fault), fault);
        return claims!;
    }

    private static bool TryRead(string json, ClaimsRules rules, out CapabilityClaims? claims, out string? fault) =>
        ClaimsReader.TryRead(Encoding.UTF8.GetBytes(json), rules, out claims, out fault);

    private static void AssertRefused(string part, string replacement, string? fault = null)
    {
        Assert.Contains(part, Plain, StringComparison.Ordinal);
        Assert.False(TryRead(Plain.Replace(part, replacement, StringComparison.Ordinal), ClaimsRules.Strict, out _, out var actual));
        Assert.Contains(fault ?? "lacks", actual, StringComparison.Ordinal);
    }
}
