using System.Text;

namespace Strata.Policy.Tests;

public class Ed25519ProviderTests
{
    private static readonly IEd25519 Provider = TestKeys.Provider;

    // RFC 8032, section 7.1, tests 1 to 3.
    [Theory]
    [InlineData(
        "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b")]
    [InlineData(
        "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00")]
    [InlineData(
        "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a")]
    public void Signatures_are_those_of_RFC_8032(string seed, string publicKey, string message, string expected)
    {
        using var key = Provider.ImportSeed(Convert.FromHexString(seed));
        var signature = new byte[IEd25519.SignatureBytes];
        key.Sign(Convert.FromHexString(message), signature);
        Assert.Equal(publicKey, Convert.ToHexStringLower(key.PublicKey));
        Assert.Equal(expected, Convert.ToHexStringLower(signature));
        Assert.True(Provider.Verify(key.PublicKey, Convert.FromHexString(message), signature));
    }

    [Fact]
    public void A_seed_comes_out_as_it_went_in()
    {
        using var key = Provider.ImportSeed(TestKeys.Seed(7));
        var seed = new byte[IEd25519.SeedBytes];
        key.ExportSeed(seed);
        Assert.Equal(TestKeys.Seed(7), seed);
    }

    [Fact]
    public void Generated_keys_differ_and_work()
    {
        using var one = Provider.Generate();
        using var other = Provider.Generate();
        Assert.False(one.PublicKey.SequenceEqual(other.PublicKey));
        var signature = new byte[IEd25519.SignatureBytes];
        one.Sign("m"u8, signature);
        Assert.True(Provider.Verify(one.PublicKey, "m"u8, signature));
        Assert.False(Provider.Verify(other.PublicKey, "m"u8, signature));
    }

    [Fact]
    public void An_erased_key_neither_signs_nor_gives_its_seed()
    {
        var key = Provider.Generate();
        key.Dispose();
        key.Dispose();
        Assert.Throws<ObjectDisposedException>(() => key.Sign("m"u8, new byte[IEd25519.SignatureBytes]));
        Assert.Throws<ObjectDisposedException>(() => key.ExportSeed(new byte[IEd25519.SeedBytes]));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(31)]
    [InlineData(33)]
    [InlineData(64)]
    public void Seeds_of_another_length_are_refused(int length) =>
        Assert.Throws<ArgumentException>(() => Provider.ImportSeed(new byte[length]));

    [Theory]
    [InlineData(63)]
    [InlineData(65)]
    public void Buffers_of_another_length_are_never_written(int length)
    {
        using var key = Provider.Generate();
        Assert.Throws<ArgumentException>(() => key.Sign("m"u8, new byte[length]));
        Assert.Throws<ArgumentException>(() => key.ExportSeed(new byte[length]));
        Assert.False(Provider.Verify(key.PublicKey, "m"u8, new byte[length]));
        Assert.False(Provider.Verify(new byte[length], "m"u8, new byte[IEd25519.SignatureBytes]));
    }

    [Fact]
    public void A_malleated_signature_is_refused()
    {
        using var key = Provider.ImportSeed(TestKeys.Seed(1));
        var message = Encoding.UTF8.GetBytes("a message");
        var signature = new byte[IEd25519.SignatureBytes];
        key.Sign(message, signature);
        Assert.False(Provider.Verify(key.PublicKey, message, Malleation.AddGroupOrder(signature)));
    }

    [Theory]
    [MemberData(nameof(SmallOrderKeys))]
    public void A_forgery_under_a_small_order_key_is_refused(string publicKey)
    {
        // With A of order 1 (and now and then with the others) R = identity, S = 0 satisfies the equation for any message.
        var forged = new byte[IEd25519.SignatureBytes];
        forged[0] = 1;
        for (byte message = 0; message < 32; message++)
        {
            Assert.False(Provider.Verify(Convert.FromHexString(publicKey), [message], forged));
        }
    }

    [Theory]
    [MemberData(nameof(SmallOrderKeys))]
    public void A_small_order_key_cannot_even_be_trusted(string publicKey)
    {
        var e = Assert.Throws<ArgumentException>(() => new VerificationKey(TokenVersion.V4, Convert.FromHexString(publicKey)));
        Assert.Contains("small order", e.Message, StringComparison.Ordinal);
    }

    public static TheoryData<string> SmallOrderKeys() =>
    [
        "0000000000000000000000000000000000000000000000000000000000000000",
        "0000000000000000000000000000000000000000000000000000000000000080",
        "0100000000000000000000000000000000000000000000000000000000000000",
        "0100000000000000000000000000000000000000000000000000000000000080",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    ];

    [Fact]
    public async Task A_key_erased_while_it_signs_signs_rightly_or_not_at_all()
    {
        var key = Provider.Generate();
        var publicKey = key.PublicKey.ToArray();
        using var started = new SemaphoreSlim(0);
        var signers = Enumerable.Range(0, 2).Select(_ => Task.Run(() => SignUntilErased(key, publicKey, started))).ToArray();
        await started.WaitAsync();
        await started.WaitAsync();
        key.Dispose();
        await Task.WhenAll(signers);
    }

    private static void SignUntilErased(Ed25519PrivateKey key, byte[] publicKey, SemaphoreSlim started)
    {
        var signature = new byte[IEd25519.SignatureBytes];
        try
        {
            for (var i = 0; ; i++)
            {
                key.Sign("m"u8, signature);
                Assert.True(Provider.Verify(publicKey, "m"u8, signature));
                if (i == 0)
                {
                    started.Release();
                }
            }
        }
        catch (ObjectDisposedException)
        {
            // The expected end.
        }
    }
}
