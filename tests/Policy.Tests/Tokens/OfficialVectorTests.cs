using System.Text;

namespace Strata.Policy.Tests;

public class OfficialVectorTests
{
    private static readonly byte[] AnyPublicKey = TestKeys.V2.VerificationKey.PublicKey.ToArray();

    [Theory]
    [MemberData(nameof(SignedNames))]
    public void A_signed_vector_verifies_and_yields_its_payload(string name)
    {
        var vector = OfficialVector.Find(name);
        Assert.True(PasetoToken.TryParse(Encoding.ASCII.GetBytes(vector.Token), out var token));
        Assert.Equal(vector.Version, token.Version);
        Assert.Equal(vector.Footer, Encoding.UTF8.GetString(token.Footer.Span));
        Assert.True(token.TryVerify(TestKeys.Provider, vector.PublicKey, Encoding.UTF8.GetBytes(vector.ImplicitAssertion), out var payload));
        Assert.Equal(vector.Payload, Encoding.UTF8.GetString(payload.Span));
    }

    [Theory]
    [MemberData(nameof(SignedNames))]
    public void Signing_a_vectors_payload_gives_its_very_token(string name)
    {
        var vector = OfficialVector.Find(name);
        using var key = TestKeys.Provider.ImportSeed(vector.Seed);
        Assert.Equal(vector.PublicKey, key.PublicKey.ToArray());
        var token = PasetoSigner.Sign(
            vector.Version,
            key,
            Encoding.UTF8.GetBytes(vector.Payload!),
            Encoding.UTF8.GetBytes(vector.Footer),
            Encoding.UTF8.GetBytes(vector.ImplicitAssertion));
        Assert.Equal(vector.Token, token);
    }

    [Theory]
    [MemberData(nameof(Failing))]
    public void A_vector_that_must_fail_fails(string name)
    {
        var vector = OfficialVector.Find(name);
        var verified = PasetoToken.TryParse(Encoding.ASCII.GetBytes(vector.Token), out var token)
            && token.TryVerify(
                TestKeys.Provider, vector.PublicKey ?? AnyPublicKey, Encoding.UTF8.GetBytes(vector.ImplicitAssertion), out _);
        Assert.False(verified);
    }

    [Theory]
    [MemberData(nameof(Encrypted))]
    public void An_encrypted_token_is_not_a_token_of_ours(string name) =>
        Assert.False(PasetoToken.TryParse(Encoding.ASCII.GetBytes(OfficialVector.Find(name).Token), out _));

    [Fact]
    public void Version_2_discards_an_implicit_assertion_and_version_4_binds_it()
    {
        Assert.True(Verifies("2-S-3", "something else"u8));
        Assert.True(Verifies("2-S-3", ""u8));
        Assert.False(Verifies("4-S-3", "something else"u8));
        Assert.False(Verifies("4-S-3", ""u8));
    }

    [Fact]
    public void No_vector_was_left_out()
    {
        Assert.Equal(6, SignedNames().Count);
        Assert.Equal(8, Failing().Count);
        Assert.Equal(18, Encrypted().Count);
        Assert.Equal(32, OfficialVector.All().Count());
    }

    public static TheoryData<string> SignedNames() => Names(vector => !vector.MustFail && vector.PublicKey is not null);

    public static TheoryData<string> Failing() => Names(vector => vector.MustFail);

    public static TheoryData<string> Encrypted() => Names(vector => !vector.MustFail && vector.PublicKey is null);

    private static bool Verifies(string name, ReadOnlySpan<byte> implicitAssertion)
    {
        var vector = OfficialVector.Find(name);
        return PasetoToken.TryParse(Encoding.ASCII.GetBytes(vector.Token), out var token)
            && token.TryVerify(TestKeys.Provider, vector.PublicKey, implicitAssertion, out _);
    }

    private static TheoryData<string> Names(Func<OfficialVector, bool> predicate) =>
        [.. OfficialVector.All().Where(predicate).Select(vector => vector.Name)];
}
