using Strata.StrataCtl.Connection;
using Strata.StrataCtl.Tests.Fakes;

namespace Strata.StrataCtl.Tests.Connection;

public class TokenClaimsTests
{
    [Theory]
    [InlineData("v2")]
    [InlineData("v4")]
    public void Claims_are_read_without_the_signature(string version) =>
        Assert.Equal("abc", TokenClaims.CapabilityOf(FakeToken.Of("""{"jti":"abc"}""", version)));

    [Fact]
    public void A_footer_is_no_hindrance() => Assert.Equal("abc", TokenClaims.CapabilityOf(FakeToken.Of("""{"jti":"abc"}""") + ".Zm9v"));

    [Theory]
    [InlineData("")]
    [InlineData("abc")]
    [InlineData("v2.public.")]
    [InlineData("v2.public.!!!!")]
    [InlineData("v2.local.AAAA")]
    [InlineData("v3.public.AAAA")]
    [InlineData("v2.public.AAAA")]
    public void What_is_no_token_has_no_claims(string text) => Assert.Null(TokenClaims.Read(text));

    [Fact]
    public void Claims_that_are_no_object_are_none() => Assert.Null(TokenClaims.Read(FakeToken.Of("[1]")));

    [Fact]
    public void A_token_may_be_as_long_as_the_limit_and_no_longer()
    {
        var rest = FakeToken.Of("""{"jti":"a"}""") + ".";
        var longest = rest + new string('A', TokenClaims.MaxChars - rest.Length);
        Assert.NotNull(TokenClaims.Read(longest));
        Assert.Null(TokenClaims.Read(longest + "A"));
    }
}
