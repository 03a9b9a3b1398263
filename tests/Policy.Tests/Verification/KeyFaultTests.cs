namespace Strata.Policy.Tests;

/// <summary>A key that cannot be used says what is wrong with it.</summary>
public class KeyFaultTests
{
    private static readonly string[] SmallOrder =
    [
        "0000000000000000000000000000000000000000000000000000000000000000",
        "0100000000000000000000000000000000000000000000000000000000000000",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    ];

    [Fact]
    public void A_public_key_under_which_anybody_could_sign_is_refused_with_either_sign() => Assert.All(SmallOrder, hex =>
    {
        var key = Convert.FromHexString(hex);
        Refused("This Ed25519 public key has small order: anybody could forge signatures for it. Use a generated key.", () => new VerificationKey(TokenVersion.V4, key));
        key[^1] |= 0x80;
        Assert.Throws<ArgumentException>(() => new VerificationKey(TokenVersion.V4, key));
        Assert.Throws<ArgumentException>(() => HolderKey.Of(key));
    });

    [Fact]
    public void A_public_key_that_differs_from_such_a_one_in_any_byte_is_taken() => Assert.All(Enumerable.Range(0, IEd25519.PublicKeyBytes), i =>
    {
        var key = Convert.FromHexString(SmallOrder[3]);
        key[i] ^= 0x20;
        Assert.Equal(key, new VerificationKey(TokenVersion.V4, key).PublicKey.ToArray());
    });

    [Fact]
    public void A_public_key_of_another_length_is_refused_whoever_brings_it()
    {
        const string Said = "An Ed25519 public key is 32 bytes, not 31.";
        Refused(Said, () => new VerificationKey(TokenVersion.V2, new byte[31]));
        Refused(Said, () => new OddKey(new byte[31]));
    }

    [Fact]
    public void A_buffer_of_another_length_is_refused_with_the_right_one()
    {
        Refused("The signature buffer must be exactly 64 bytes, not 63.", () => Sign(new byte[63]));
        Refused("An Ed25519 seed must be exactly 32 bytes, not 33.", () => TestKeys.Provider.ImportSeed(new byte[33]));

        static object Sign(byte[] signature)
        {
            using var key = TestKeys.Provider.ImportSeed(TestKeys.Seed(1));
            key.Sign("message"u8, signature);
            return key;
        }
    }

    [Theory]
    [InlineData(TokenVersion.V2)]
    [InlineData(TokenVersion.V4)]
    public void A_key_too_many_of_a_version_is_refused(TokenVersion version)
    {
        List<VerificationKey> Many(int count, bool isNamedOnly) =>
            [.. Enumerable.Range(10, count).Select(i => new VerificationKey(version, TestKeys.Key(version, (byte)i).VerificationKey.PublicKey, isNamedOnly))];
        Assert.Equal(128, KeySet.Of(Many(128, isNamedOnly: true)).Keys.Length);
        Assert.Equal(4, KeySet.Of(Many(4, isNamedOnly: false)).Keys.Length);
        Refused("A key set holds at most 128 keys of a version; remove retired ones.", () => KeySet.Of(Many(129, isNamedOnly: true)));
        Refused("A key set holds at most 4 keys of a version that sign tokens without a footer.", () => KeySet.Of(Many(5, isNamedOnly: false)));
    }

    [Theory]
    [InlineData("{\"kid\":\"", "\"}", true)]
    [InlineData("{\"kiD\":\"", "\"}", false)]
    [InlineData("{\"kid\":\"", "\"]", false)]
    [InlineData("{\"kid\":\"", "\"} ", false)]
    [InlineData("{\"kid\": \"", "\"}", false)]
    public void A_footer_that_names_a_key_has_one_spelling(string start, string end, bool isRead)
    {
        var id = TestKeys.V4.VerificationKey.KeyId;
        Assert.Equal(isRead, KeyId.TryReadFooter(System.Text.Encoding.ASCII.GetBytes(start + id + end), out _));
        Assert.False(KeyId.TryReadFooter(System.Text.Encoding.ASCII.GetBytes(start + id.Replace("k4", "k3", StringComparison.Ordinal) + end), out _));
        Assert.False(KeyId.TryReadFooter(System.Text.Encoding.ASCII.GetBytes(start + id[..^1] + "=" + end), out _));
    }

    [Fact]
    public void A_key_id_of_a_version_nobody_knows_is_refused() => Assert.Contains(
        "Only v2 and v4 tokens are known.",
        Assert.Throws<ArgumentOutOfRangeException>(() => KeyId.Of((TokenVersion)3, TestKeys.V4.VerificationKey.PublicKey)).Message,
        StringComparison.Ordinal);

    [Fact]
    public void A_key_for_both_versions_is_refused() => Refused(
        "One key was given for v2 and for v4; each version needs its own.",
        () => KeySet.Of(TestKeys.V4.VerificationKey, TestKeys.V2.VerificationKey, TestKeys.Key(TokenVersion.V4, 2).VerificationKey));

    [Fact]
    public void A_library_that_is_missing_says_so() =>
        Assert.Equal("The Ed25519 library could not be used.", new SignatureProviderException().Message);

    private static void Refused(string said, Func<object> make) =>
        Assert.StartsWith(said, Assert.Throws<ArgumentException>(make).Message, StringComparison.Ordinal);

    private sealed class OddKey(byte[] publicKey) : Ed25519PrivateKey(publicKey)
    {
        public override void Sign(ReadOnlySpan<byte> message, Span<byte> signature) => throw new NotSupportedException();

        public override void ExportSeed(Span<byte> seed) => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
        }
    }
}
