using System.Buffers.Text;
using System.Text;
using System.Text.Json;

namespace Strata.Policy.Tests;

/// <summary>Both directions against an implementation that shares no code with ours.</summary>
public class NpmInteropTests
{
    private const string Now = "2026-01-31T12:00:00Z";

    private static readonly (TokenVersion Version, string Footer, string Implicit)[] Cases =
    [
        (TokenVersion.V2, "", ""),
        (TokenVersion.V2, "a footer", ""),
        (TokenVersion.V2, KeyFooter(TokenVersion.V2), ""),
        (TokenVersion.V4, "", ""),
        (TokenVersion.V4, KeyFooter(TokenVersion.V4), ""),
        (TokenVersion.V4, "a footer", ""),
        (TokenVersion.V4, "", "an assertion"),
        (TokenVersion.V4, "ein Fuß", "an assertion"),
    ];

    [Fact]
    public async Task Tokens_of_ours_verify_there()
    {
        var payload = new System.Buffers.ArrayBufferWriter<byte>();
        ClaimsWriter.Write(Samples.Claims, payload);
        var answers = await NpmOracle.Ask(Cases.Select(c => Job("verify", c, token: Sign(c, payload.WrittenSpan))));
        foreach (var answer in answers)
        {
            Assert.True(answer.TryGetProperty("claims", out var claims), answer.ToString());
            Assert.True(ClaimsReader.TryRead(Encoding.UTF8.GetBytes(claims.GetRawText()), ClaimsRules.Strict, out var read, out var fault), fault);
            Assert.Equal(Samples.Claims, read);
        }
    }

    [Fact]
    public async Task Tokens_of_theirs_verify_here()
    {
        var payload = new System.Buffers.ArrayBufferWriter<byte>();
        ClaimsWriter.Write(Samples.Claims, payload);
        var claims = JsonDocument.Parse(payload.WrittenMemory).RootElement;
        var answers = await NpmOracle.Ask(Cases.Select(c => Job("sign", c, claims: claims)));
        foreach (var (answer, c) in answers.Zip(Cases))
        {
            Assert.True(answer.TryGetProperty("token", out var text), answer.ToString());
            Assert.True(PasetoToken.TryParse(Encoding.ASCII.GetBytes(text.GetString()!), out var token));
            Assert.Equal(c.Footer, Encoding.UTF8.GetString(token.Footer.Span));
            var publicKey = TestKeys.Of(c.Version).VerificationKey.PublicKey;
            Assert.True(token.TryVerify(TestKeys.Provider, publicKey, Encoding.UTF8.GetBytes(c.Implicit), out var verified));
            Assert.True(ClaimsReader.TryRead(verified.Span, ClaimsRules.Strict, out var read, out var fault), fault);
            Assert.Equal(Samples.Claims, read);
        }
    }

    [Theory]
    [InlineData(TokenVersion.V2)]
    [InlineData(TokenVersion.V4)]
    public async Task A_token_as_it_is_issued_verifies_there_and_one_signed_there_verifies_here(TokenVersion version)
    {
        var c = (version, KeyFooter(version), "");
        var token = Encoding.ASCII.GetString(Samples.Token(key: TestKeys.Of(version)));
        var there = Assert.Single(await NpmOracle.Ask([Job("verify", c, token: token)]));
        Assert.True(there.TryGetProperty("claims", out var claims), there.ToString());

        var signed = Assert.Single(await NpmOracle.Ask([Job("sign", c, claims: claims)])).GetProperty("token").GetString()!;
        var verifier = new TokenVerifier(TestKeys.Provider, TestKeys.Both, new RevocationSet());
        var here = verifier.Verify(Encoding.ASCII.GetBytes(signed), Samples.Now);
        Assert.Equal(Samples.Claims with { SignedBy = TestKeys.Of(version).VerificationKey.KeyId }, here.Token?.Claims);
    }

    [Fact]
    public async Task Both_refuse_what_was_altered()
    {
        var payload = new System.Buffers.ArrayBufferWriter<byte>();
        ClaimsWriter.Write(Samples.Claims, payload);
        var answers = await NpmOracle.Ask(Cases.Select(c => Job("verify", c, token: Alter(Sign(c, payload.WrittenSpan)))));
        Assert.All(answers, answer => Assert.True(answer.TryGetProperty("error", out _), answer.ToString()));
    }

    private static string KeyFooter(TokenVersion version) => Encoding.ASCII.GetString(KeyId.ToFooter(TestKeys.Of(version).VerificationKey.KeyId));

    private static string Alter(string token) => token[..30] + (token[30] == 'A' ? 'B' : 'A') + token[31..];

    private static string Sign((TokenVersion Version, string Footer, string Implicit) c, ReadOnlySpan<byte> payload) => PasetoSigner.Sign(
        c.Version, TestKeys.Of(c.Version).PrivateKey, payload, Encoding.UTF8.GetBytes(c.Footer), Encoding.UTF8.GetBytes(c.Implicit));

    private static object Job(string op, (TokenVersion Version, string Footer, string Implicit) c, string? token = null, JsonElement? claims = null) => new
    {
        op,
        version = (int)c.Version,
        key = op == "sign" ? SecretPaserk(c.Version) : PublicPaserk(c.Version),
        footer = c.Footer,
        @implicit = c.Implicit,
        token,
        claims,
        now = Now,
    };

    private static string PublicPaserk(TokenVersion version) =>
        $"k{(int)version}.public." + Base64Url.EncodeToString(TestKeys.Of(version).VerificationKey.PublicKey);

    private static string SecretPaserk(TokenVersion version)
    {
        var key = TestKeys.Of(version);
        var secret = new byte[IEd25519.SeedBytes + IEd25519.PublicKeyBytes];
        key.ExportSeed(secret.AsSpan(0, IEd25519.SeedBytes));
        key.VerificationKey.PublicKey.CopyTo(secret.AsSpan(IEd25519.SeedBytes));
        return $"k{(int)version}.secret." + Base64Url.EncodeToString(secret);
    }
}
