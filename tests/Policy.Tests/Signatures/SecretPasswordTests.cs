using System.Text;
using System.Text.Json;

namespace Strata.Policy.Tests;

/// <summary>Locked private keys by the official PASERK test vectors, and what an attacker may alter.</summary>
public class SecretPasswordTests
{
    private static readonly PasswordCost Cheap = new(8192, 1);

    public static TheoryData<string> Names => [.. All().Select(v => v.GetProperty("name").GetString()!)];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_locked_key_opens_as_the_official_vector_says(string name)
    {
        var vector = All().Single(v => v.GetProperty("name").GetString() == name);
        var version = name.StartsWith("k2", StringComparison.Ordinal) ? TokenVersion.V2 : TokenVersion.V4;
        var password = vector.GetProperty("password").GetString()!;
        using var passphrase = new KeyPassphrase(Encoding.UTF8.GetBytes(password));

        using var key = passphrase.TryUnlock(TestKeys.Provider, version, vector.GetProperty("paserk").GetString()!);

        if (vector.GetProperty("expect-fail").GetBoolean())
        {
            Assert.Null(key);
            return;
        }

        var seed = new byte[IEd25519.SeedBytes];
        key!.ExportSeed(seed);
        Assert.Equal(vector.GetProperty("unwrapped").GetString(), Convert.ToHexStringLower([.. seed, .. key.PublicKey]));
    }

    [Theory]
    [InlineData(TokenVersion.V2)]
    [InlineData(TokenVersion.V4)]
    public void A_key_that_was_locked_opens_by_its_passphrase_and_version_only(TokenVersion version)
    {
        using var right = new KeyPassphrase("correct horse"u8, Cheap);
        using var wrong = new KeyPassphrase("correct horsf"u8, Cheap);
        var key = TestKeys.Of(version).PrivateKey;
        var locked = right.Lock(version, key);

        Assert.Equal(KeyPassphrase.LockedChars, locked.Length);
        Assert.NotEqual(locked, right.Lock(version, key));
        using var again = new KeyPassphrase("correct horse"u8, Cheap);
        using var opened = again.TryUnlock(TestKeys.Provider, version, locked);
        Assert.Equal(key.PublicKey, opened!.PublicKey);
        Assert.Null(wrong.TryUnlock(TestKeys.Provider, version, locked));
        Assert.Null(right.TryUnlock(TestKeys.Provider, version == TokenVersion.V2 ? TokenVersion.V4 : TokenVersion.V2, locked));
        Assert.Null(right.TryUnlock(TestKeys.Provider, version, locked.Replace($"k{(int)version}", $"k{6 - (int)version}", StringComparison.Ordinal)));
    }

    [Fact]
    public void Any_altered_character_is_noticed_and_no_file_chooses_what_opening_costs()
    {
        using var passphrase = new KeyPassphrase("correct horse"u8, Cheap);
        var locked = passphrase.Lock(TokenVersion.V4, TestKeys.V4.PrivateKey);
        for (var i = 0; i < locked.Length; i++)
        {
            var altered = locked[..i] + (locked[i] == 'A' ? 'B' : 'A') + locked[(i + 1)..];
            Assert.Null(passphrase.TryUnlock(TestKeys.Provider, TokenVersion.V4, altered));
            Assert.Null(passphrase.TryUnlock(TestKeys.Provider, TokenVersion.V4, locked[..i]));
        }

        using var greedy = new KeyPassphrase("correct horse"u8, new PasswordCost(8192, SecretPassword.MaxPasses + 1));
        Assert.Null(greedy.TryUnlock(TestKeys.Provider, TokenVersion.V4, greedy.Lock(TokenVersion.V4, TestKeys.V4.PrivateKey)));
        using var patient = new KeyPassphrase("correct horse"u8, new PasswordCost(8192, SecretPassword.MaxPasses));
        using var opened = patient.TryUnlock(TestKeys.Provider, TokenVersion.V4, patient.Lock(TokenVersion.V4, TestKeys.V4.PrivateKey));
        Assert.NotNull(opened);
    }

    [Theory]
    [InlineData(KeyPassphrase.MinBytes - 1, false)]
    [InlineData(KeyPassphrase.MinBytes, true)]
    [InlineData(KeyPassphrase.MaxBytes, true)]
    [InlineData(KeyPassphrase.MaxBytes + 1, false)]
    public void A_passphrase_has_a_bounded_length(int length, bool isTaken)
    {
        if (isTaken)
        {
            new KeyPassphrase(new byte[length], Cheap).Dispose();
        }
        else
        {
            Assert.Throws<ArgumentException>(() => new KeyPassphrase(new byte[length], Cheap));
        }
    }

    private static IEnumerable<JsonElement> All() => new[] { "k2.secret-pw", "k4.secret-pw" }.SelectMany(file =>
        JsonDocument.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Vectors", file + ".json"))).RootElement.GetProperty("tests").EnumerateArray());
}
