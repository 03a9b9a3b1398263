using System.Buffers.Text;
using System.Text;

namespace Strata.Policy.Tests;

/// <summary>Respelled, altered and forged tokens. Each starts from a token that does verify.</summary>
public class TokenAttackTests
{
    private const string Footer = "{\"kid\":\"zVhMiPBP9fRf2snEcT7gFTioeA9COcNy9DfgL1W60haN\"}";

    public static TheoryData<TokenVersion> Versions => [TokenVersion.V2, TokenVersion.V4];

    [Theory]
    [MemberData(nameof(Versions))]
    public void A_malleated_signature_is_refused(TokenVersion version)
    {
        var token = Sign(version, "payload");
        var body = Base64Url.DecodeFromChars(token.AsSpan(10));
        Malleation.AddGroupOrder(body.AsSpan(^64..)).CopyTo(body.AsSpan(^64..));
        AssertRefused(version, token[..10] + Base64Url.EncodeToString(body));
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public void A_footer_cannot_be_altered_added_or_dropped(TokenVersion version)
    {
        var token = Sign(version, "payload", Footer);
        var withoutFooter = token[..token.LastIndexOf('.')];
        AssertRefused(version, withoutFooter);
        AssertRefused(version, withoutFooter + "." + Base64Url.EncodeToString(Encoding.UTF8.GetBytes(Footer.Replace('z', 'y'))));
        AssertRefused(version, Sign(version, "payload") + "." + Base64Url.EncodeToString(Encoding.UTF8.GetBytes(Footer)));
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public void Further_segments_and_trailing_dots_are_refused(TokenVersion version)
    {
        var plain = Sign(version, "payload");
        var footed = Sign(version, "payload", Footer);
        foreach (var respelled in new[] { plain + ".", plain + "..", footed + ".", footed + ".e30", footed + ".." })
        {
            AssertMalformed(respelled);
        }
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public void A_token_of_one_version_is_none_of_the_other(TokenVersion version)
    {
        var other = version == TokenVersion.V2 ? "v4" : "v2";
        AssertRefused(version, other + Sign(version, "payload")[2..]);
    }

    [Theory]
    [InlineData("v1.public.")]
    [InlineData("v3.public.")]
    [InlineData("v2.local.")]
    [InlineData("v4.local.")]
    [InlineData("V2.public.")]
    [InlineData("v2.Public.")]
    [InlineData("v2.public")]
    [InlineData(" v2.public.")]
    [InlineData("v02.public.")]
    [InlineData("v4.public.v4.public.")]
    public void Only_the_two_headers_are_known(string header) =>
        AssertMalformed(header + Sign(TokenVersion.V2, "payload")[10..]);

    [Theory]
    [MemberData(nameof(Versions))]
    public void Every_other_spelling_of_the_last_character_is_refused(TokenVersion version)
    {
        // 65 and 66 bytes of body leave 4 and 2 unused bits in the last character: 16 and 4 spellings for a lenient decoder.
        foreach (var payload in new[] { "p", "pa" })
        {
            var token = Sign(version, payload);
            var accepted = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".Count(c => Verifies(version, token[..^1] + c));
            Assert.Equal(1, accepted);
        }
    }

    [Theory]
    [InlineData("=")]
    [InlineData("==")]
    [InlineData(" ")]
    [InlineData("\n")]
    [InlineData("\0")]
    [InlineData("%3D")]
    [InlineData("A")]
    public void Nothing_may_follow_the_token(string tail)
    {
        foreach (var payload in new[] { "p", "pa", "pay" })
        {
            AssertRefused(TokenVersion.V2, Sign(TokenVersion.V2, payload) + tail);
            AssertRefused(TokenVersion.V2, Sign(TokenVersion.V2, payload, Footer) + tail);
        }
    }

    [Fact]
    public void The_alphabet_of_plain_base64_is_refused()
    {
        var token = Enumerable.Range(0, 1000).Select(i => Sign(TokenVersion.V4, $"payload {i}")).First(t => t.Contains('-') && t.Contains('_'));
        AssertMalformed(token.Replace('-', '+'));
        AssertMalformed(token.Replace('_', '/'));
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public void No_single_flipped_bit_survives(TokenVersion version)
    {
        var token = Encoding.ASCII.GetBytes(Sign(version, "{\"a\":1}", Footer));
        for (var bit = 0; bit < token.Length * 8; bit++)
        {
            var mutated = (byte[])token.Clone();
            mutated[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.False(Verifies(version, mutated), $"bit {bit} of {Encoding.Latin1.GetString(mutated)}");
        }
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public void No_prefix_of_a_token_is_a_token(TokenVersion version)
    {
        var token = Encoding.ASCII.GetBytes(Sign(version, "{\"a\":1}"));
        for (var length = 0; length < token.Length; length++)
        {
            Assert.False(Verifies(version, token.AsSpan(0, length)), $"{length} bytes");
        }
    }

    [Fact]
    public void A_body_shorter_than_a_signature_is_malformed()
    {
        AssertMalformed("v2.public.");
        AssertMalformed("v2.public." + Base64Url.EncodeToString(new byte[63]));
        Assert.True(PasetoToken.TryParse(Encoding.ASCII.GetBytes("v2.public." + Base64Url.EncodeToString(new byte[64])), out _));
    }

    [Fact]
    public void A_token_may_be_as_long_as_the_limit_and_no_longer()
    {
        // 10 bytes of header leave 8182 characters, which hold 6136 bytes.
        var largest = 6136 - IEd25519.SignatureBytes;
        var token = PasetoSigner.Sign(TokenVersion.V2, TestKeys.V2.PrivateKey, new byte[largest]);
        Assert.Equal(PasetoToken.MaxTokenBytes, token.Length);
        Assert.True(Verifies(TokenVersion.V2, token));
        Assert.Throws<ArgumentException>(() => PasetoSigner.Sign(TokenVersion.V2, TestKeys.V2.PrivateKey, new byte[largest + 1]));
        AssertMalformed("v2.public." + new string('A', PasetoToken.MaxTokenBytes - 10 + 1));
    }

    [Fact]
    public void What_fits_is_what_can_be_signed_and_what_does_not_says_by_how_much()
    {
        var largest = 6136 - IEd25519.SignatureBytes;
        Assert.True(PasetoSigner.Fits(largest, 0));
        Assert.False(PasetoSigner.Fits(largest + 1, 0));
        var refusal = Assert.Throws<ArgumentException>(() => PasetoSigner.Sign(TokenVersion.V2, TestKeys.V2.PrivateKey, new byte[largest + 1]));
        Assert.Contains("The token would be 8193 bytes; at most 8192 are allowed.", refusal.Message, StringComparison.Ordinal);
    }

    private static string Sign(TokenVersion version, string payload, string footer = "") =>
        PasetoSigner.Sign(version, TestKeys.Of(version).PrivateKey, Encoding.UTF8.GetBytes(payload), Encoding.UTF8.GetBytes(footer));

    private static void AssertRefused(TokenVersion version, string token) => Assert.False(Verifies(version, token), token);

    private static void AssertMalformed(string token) => Assert.False(PasetoToken.TryParse(Encoding.UTF8.GetBytes(token), out _), token);

    private static bool Verifies(TokenVersion version, string token) => Verifies(version, Encoding.UTF8.GetBytes(token));

    private static bool Verifies(TokenVersion version, ReadOnlySpan<byte> token) =>
        PasetoToken.TryParse(token, out var parsed)
        && parsed.TryVerify(TestKeys.Provider, TestKeys.Of(version).VerificationKey.PublicKey, default, out _);
}
