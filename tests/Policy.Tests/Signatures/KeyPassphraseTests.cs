using System.Buffers.Binary;
using System.Buffers.Text;

namespace Strata.Policy.Tests;

/// <summary>What a passphrase opens and locks in the course of its life, and which files it does not even try.</summary>
public class KeyPassphraseTests
{
    private const int HeaderChars = 13;
    private static readonly PasswordCost Cheap = new(8192, 1);

    [Fact]
    public void Files_of_any_salt_and_cost_are_opened_and_new_ones_are_locked_at_its_own_cost()
    {
        using var mine = Passphrase(Cheap);
        using var dearer = Passphrase(Cheap with { Passes = 2 });
        using var larger = Passphrase(Cheap with { MemoryBytes = 16_384 });
        string[] files = [Lock(mine), Lock(dearer), Lock(larger), Lock(mine)];
        Assert.All(files, file => Assert.True(Opens(mine, file)));
        Assert.True(Opens(mine, files[1]));
        Assert.Equal(Cheap, CostOf(Lock(mine)));
        Assert.Equal(Cheap with { Passes = 2 }, CostOf(files[1]));
        Assert.Equal(Cheap with { MemoryBytes = 16_384 }, CostOf(files[2]));
    }

    [Fact]
    public void Once_settled_it_opens_and_locks_what_is_of_its_own_salt_and_nothing_else()
    {
        using var mine = Passphrase(Cheap);
        using var another = Passphrase(Cheap);
        var before = Lock(mine);
        mine.Settle();
        Assert.True(Opens(mine, before));
        Assert.True(Opens(mine, Lock(mine)));
        Assert.False(Opens(mine, Lock(another)));
        Assert.True(Opens(another, Lock(mine)));
        mine.Settle();
        Assert.True(Opens(mine, before));
    }

    [Fact]
    public void A_passphrase_that_was_erased_opens_and_locks_nothing()
    {
        var mine = Passphrase(Cheap);
        var file = Lock(mine);
        mine.Dispose();
        Assert.False(Opens(mine, file));
        Assert.Throws<ObjectDisposedException>(() => Lock(mine));
        Assert.Throws<ObjectDisposedException>(mine.Settle);
    }

    [Fact]
    public void Two_of_the_same_words_have_salts_of_their_own()
    {
        using var one = Passphrase(Cheap);
        using var other = Passphrase(Cheap);
        Assert.NotEqual(SaltOf(Lock(one)), SaltOf(Lock(other)));
        Assert.Equal(SaltOf(Lock(one)), SaltOf(Lock(one)));
    }

    [Fact]
    public void A_public_half_that_is_not_the_seeds_is_no_key()
    {
        var (salt, preKey) = (new byte[SecretPassword.SaltBytes], new byte[SecretPassword.PreKeyBytes]);
        SecretPassword.Derive("correct horse"u8, salt, Cheap, preKey);
        var (seed, own, others) = (TestKeys.Seed(4), TestKeys.V4.VerificationKey.PublicKey.ToArray(), TestKeys.V2.VerificationKey.PublicKey.ToArray());
        using var mine = Passphrase(Cheap);
        var locked = SecretPassword.Lock(TokenVersion.V4, [.. seed, .. own], salt, Cheap, preKey);
        Assert.True(Opens(mine, locked));
        Assert.False(Opens(mine, SecretPassword.Lock(TokenVersion.V4, [.. seed, .. others], salt, Cheap, preKey)));
    }

    [Fact]
    public void What_was_altered_or_is_locked_by_another_key_is_not_unlocked_whatever_it_would_hold()
    {
        var (salt, preKey, secret) = (new byte[SecretPassword.SaltBytes], new byte[SecretPassword.PreKeyBytes], new byte[SecretPassword.SecretBytes]);
        byte[] held = [.. TestKeys.Seed(4), .. TestKeys.V4.VerificationKey.PublicKey];
        var locked = SecretPassword.Lock(TokenVersion.V4, held, salt, Cheap, preKey);
        Assert.False(SecretPassword.TryUnlock(TokenVersion.V4, locked[1..], preKey, secret));
        Assert.False(SecretPassword.TryUnlock(TokenVersion.V4, locked[..60] + (locked[60] == 'A' ? 'B' : 'A') + locked[61..], preKey, secret));
        Assert.False(SecretPassword.TryUnlock(TokenVersion.V4, locked, [1, .. preKey[1..]], secret));
        Assert.Equal(new byte[SecretPassword.SecretBytes], secret);
        Assert.True(SecretPassword.TryUnlock(TokenVersion.V4, locked, preKey, secret));
        Assert.Equal(held, secret);
    }

    [Theory]
    [InlineData(8191, 1, 1, false)]
    [InlineData(8192, 1, 1, true)]
    [InlineData(SecretPassword.MaxMemoryBytes, 1, 1, true)]
    [InlineData(SecretPassword.MaxMemoryBytes + 1, 1, 1, false)]
    [InlineData(8192, 0, 1, false)]
    [InlineData(8192, SecretPassword.MaxPasses, 1, true)]
    [InlineData(8192, SecretPassword.MaxPasses + 1, 1, false)]
    [InlineData(8192, 1, 0, false)]
    [InlineData(8192, 1, 2, false)]
    public void A_file_chooses_what_opening_costs_within_bounds_only(long memory, uint passes, uint lanes, bool isTried)
    {
        using var mine = Passphrase(Cheap);
        var file = Lock(mine);
        var bytes = Base64Url.DecodeFromChars(file.AsSpan(HeaderChars));
        BinaryPrimitives.WriteInt64BigEndian(bytes.AsSpan(16), memory);
        BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(24), passes);
        BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(28), lanes);
        var altered = file[..HeaderChars] + Base64Url.EncodeToString(bytes);
        Assert.Equal(isTried ? new PasswordCost(memory, passes) : null, SecretPassword.Describe(TokenVersion.V4, altered)?.Cost);
    }

    [Fact]
    public void A_text_that_is_no_locked_key_is_not_tried()
    {
        using var mine = Passphrase(Cheap);
        var file = Lock(mine);
        Assert.Equal(KeyPassphrase.LockedChars, file.Length);
        Assert.NotNull(SecretPassword.Describe(TokenVersion.V4, file));
        Assert.All(
            ["", file[1..], file + "A", file[..^1], "k2" + file[2..], "K4" + file[2..], file[..^1] + "=", file[..20] + "+" + file[21..]],
            text => Assert.Null(SecretPassword.Describe(TokenVersion.V4, text)));
        Assert.Null(SecretPassword.Describe(TokenVersion.V2, file));
    }

    [Fact]
    public void What_cannot_be_used_says_so()
    {
        Assert.StartsWith("A passphrase has 8 to 1024 bytes, not 7.", Assert.Throws<ArgumentException>(() => new KeyPassphrase(new byte[7])).Message, StringComparison.Ordinal);
        using var tooCheap = Passphrase(Cheap with { MemoryBytes = 1 });
        Assert.Equal(
            "libsodium could not make a key of the passphrase: it needs 1 bytes of memory for that", Assert.Throws<SignatureProviderException>(() => Lock(tooCheap)).Message);
        Assert.StartsWith("An Ed25519 public key is 32 bytes, not 31.", Assert.Throws<ArgumentException>(() => Paserk.OfPublicKey(TokenVersion.V4, new byte[31])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void By_default_opening_costs_64_megabytes_and_three_passes() => Assert.Equal(new PasswordCost(67_108_864, 3), PasswordCost.Default);

    private static KeyPassphrase Passphrase(PasswordCost cost) => new("correct horse"u8, cost);

    private static string Lock(KeyPassphrase passphrase) => passphrase.Lock(TokenVersion.V4, TestKeys.V4.PrivateKey);

    private static bool Opens(KeyPassphrase passphrase, string file)
    {
        using var key = passphrase.TryUnlock(TestKeys.Provider, TokenVersion.V4, file);
        return key is not null && key.PublicKey.SequenceEqual(TestKeys.V4.VerificationKey.PublicKey);
    }

    private static PasswordCost CostOf(string file) => SecretPassword.Describe(TokenVersion.V4, file)!.Value.Cost;

    private static byte[] SaltOf(string file) => SecretPassword.Describe(TokenVersion.V4, file)!.Value.Salt;
}
