using System.Text;

namespace Strata.Policy.Tests;

/// <summary>The examples of the specification (PASETO, common section, PAE), and what no two lists may share.</summary>
public class PreAuthenticationEncodingTests
{
    [Fact]
    public void The_specifications_examples_are_encoded_as_it_says()
    {
        Assert.Equal("0000000000000000", Encoded());
        Assert.Equal("01000000000000000000000000000000", Encoded(""));
        Assert.Equal("0100000000000000040000000000000074657374", Encoded("test"));
        Assert.Equal("020000000000000001000000000000006102000000000000006263", Encoded("a", "bc"));
    }

    [Fact]
    public void What_a_token_signs_is_the_encoding_of_its_pieces()
    {
        var (message, footer, assertion) = ("message"u8.ToArray(), "footer"u8.ToArray(), "assertion"u8.ToArray());
        Assert.Equal(
            PreAuthenticationEncoding.Of("v2.public."u8.ToArray(), message, footer), PreAuthenticationEncoding.OfToken(TokenVersion.V2, message, footer, assertion));
        Assert.Equal(
            PreAuthenticationEncoding.Of("v4.public."u8.ToArray(), message, footer, assertion), PreAuthenticationEncoding.OfToken(TokenVersion.V4, message, footer, assertion));
    }

    [Fact]
    public void A_version_nobody_knows_signs_nothing() => Assert.Contains(
        "Only v2 and v4 tokens are known.",
        Assert.Throws<ArgumentOutOfRangeException>(() => PreAuthenticationEncoding.OfToken((TokenVersion)3, default, default, default)).Message,
        StringComparison.Ordinal);

    private static string Encoded(params string[] pieces) =>
        Convert.ToHexStringLower(PreAuthenticationEncoding.Of([.. pieces.Select(Encoding.ASCII.GetBytes)]));
}
