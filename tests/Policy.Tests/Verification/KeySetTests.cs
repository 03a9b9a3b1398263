namespace Strata.Policy.Tests;

public class KeySetTests
{
    [Fact]
    public void A_version_has_as_many_keys_as_the_limit_and_no_more()
    {
        var keys = Many(KeySet.MaxKeysPerVersion + 1, isNamedOnly: true);
        Assert.Equal(KeySet.MaxKeysPerVersion, KeySet.Of(keys.Take(KeySet.MaxKeysPerVersion)).Keys.Length);
        Assert.Throws<ArgumentException>(() => KeySet.Of(keys));
    }

    [Fact]
    public void Tokens_without_a_footer_are_tried_against_a_bounded_number_of_keys()
    {
        var keys = Many(KeySet.MaxUnnamedPerVersion + 1, isNamedOnly: false);
        Assert.Equal(KeySet.MaxUnnamedPerVersion, KeySet.Of([.. keys.Take(KeySet.MaxUnnamedPerVersion), .. Many(1, isNamedOnly: true, from: 100)]).Keys.Count(k => !k.IsNamedOnly));
        Assert.Throws<ArgumentException>(() => KeySet.Of(keys));
    }

    [Fact]
    public void A_set_includes_another_when_it_verifies_all_that_the_other_does()
    {
        var (named, plain) = (Many(1, isNamedOnly: true), Many(1, isNamedOnly: false));
        Assert.True(TestKeys.Both.Includes(KeySet.Empty));
        Assert.True(TestKeys.Both.Includes(TestKeys.Both));
        Assert.False(KeySet.Of(TestKeys.V2.VerificationKey).Includes(TestKeys.Both));
        Assert.True(KeySet.Of(plain).Includes(KeySet.Of(named)));
        Assert.False(KeySet.Of(named).Includes(KeySet.Of(plain)));
    }

    [Fact]
    public void A_key_given_twice_counts_once() =>
        Assert.Single(KeySet.Of(TestKeys.V2.VerificationKey, TestKeys.V2.VerificationKey).Keys);

    [Fact]
    public void Keys_are_found_by_version_and_id()
    {
        var id = System.Text.Encoding.ASCII.GetBytes(TestKeys.V2.VerificationKey.KeyId);
        Assert.NotNull(TestKeys.Both.Find(TokenVersion.V2, id));
        Assert.Null(TestKeys.Both.Find(TokenVersion.V4, id));
        Assert.Null(TestKeys.Both.Find((TokenVersion)3, id));
        Assert.Null(TestKeys.Both.Find(TokenVersion.V2, []));
    }

    [Fact]
    public void A_key_id_differs_between_versions_of_one_key()
    {
        var publicKey = TestKeys.V2.VerificationKey.PublicKey;
        Assert.NotEqual(KeyId.Of(TokenVersion.V2, publicKey), KeyId.Of(TokenVersion.V4, publicKey));
        Assert.Equal(KeyId.Chars, KeyId.Of(TokenVersion.V2, publicKey).Length);
        Assert.Equal("28139770ea87d175", KeyId.LegacyOf(TokenVersion.V2, publicKey));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(31)]
    [InlineData(33)]
    public void A_key_of_another_length_is_refused(int length) =>
        Assert.Throws<ArgumentException>(() => new VerificationKey(TokenVersion.V2, new byte[length]));

    [Fact]
    public void A_version_that_is_none_is_refused() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new VerificationKey((TokenVersion)3, TestKeys.V2.VerificationKey.PublicKey));

    [Fact]
    public void A_signing_key_is_restored_from_its_seed()
    {
        using var key = SigningKey.Generate(TestKeys.Provider, TokenVersion.V4);
        var seed = new byte[IEd25519.SeedBytes];
        key.ExportSeed(seed);
        using var restored = SigningKey.FromSeed(TestKeys.Provider, TokenVersion.V4, seed);
        Assert.Equal(key.VerificationKey.KeyId, restored.VerificationKey.KeyId);
        Assert.Equal(Samples.Token(key: key), Samples.Token(key: restored));
    }

    private static List<VerificationKey> Many(int count, bool isNamedOnly, int from = 10) =>
        [.. Enumerable.Range(from, count).Select(i => new VerificationKey(TokenVersion.V4, TestKeys.Key(TokenVersion.V4, (byte)i).VerificationKey.PublicKey, isNamedOnly))];
}
