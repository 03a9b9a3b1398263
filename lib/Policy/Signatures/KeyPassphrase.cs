using System.Security.Cryptography;
using System.Text;

namespace Strata.Policy;

/// <summary>
/// A passphrase that locks private keys. All keys locked by one share its salt, each with a nonce of its own, so that opening several costs as much
/// as opening one. Not for several threads at once.
/// </summary>
public sealed class KeyPassphrase : IDisposable
{
    /// <summary>The shortest passphrase, in bytes.</summary>
    public const int MinBytes = 8;

    /// <summary>The longest, in bytes.</summary>
    public const int MaxBytes = 1024;

    private readonly byte[] passphrase;
    private readonly byte[] preKey = GC.AllocateArray<byte>(SecretPassword.PreKeyBytes, pinned: true);
    private readonly PasswordCost cost;
    private byte[]? salt;
    private PasswordCost derivedCost;
    private bool isSettled;

    /// <summary>Takes a passphrase.</summary>
    /// <param name="passphrase">From <see cref="MinBytes"/> to <see cref="MaxBytes"/> bytes; copied. The caller should erase its own copy.</param>
    /// <param name="cost">What locking costs; null means <see cref="PasswordCost.Default"/>.</param>
    /// <exception cref="ArgumentException">Another length.</exception>
    public KeyPassphrase(ReadOnlySpan<byte> passphrase, PasswordCost? cost = null)
    {
        if (passphrase.Length is < MinBytes or > MaxBytes)
        {
            throw new ArgumentException($"A passphrase has {MinBytes} to {MaxBytes} bytes, not {passphrase.Length}.", nameof(passphrase));
        }

        // Pinned, so that the collector leaves no copies behind.
        this.passphrase = GC.AllocateArray<byte>(passphrase.Length, pinned: true);
        passphrase.CopyTo(this.passphrase);
        this.cost = cost ?? PasswordCost.Default;
    }

    /// <summary>Longest locked key, in characters.</summary>
    public static int LockedChars => SecretPassword.Chars;

    /// <summary>Locks a key: ASCII of <see cref="LockedChars"/> characters, a PASERK.</summary>
    public string Lock(TokenVersion version, Ed25519PrivateKey key)
    {
        DeriveForLocking();
        Span<byte> secret = stackalloc byte[SecretPassword.SecretBytes];
        try
        {
            key.ExportSeed(secret[..IEd25519.SeedBytes]);
            key.PublicKey.CopyTo(secret[IEd25519.SeedBytes..]);
            return SecretPassword.Lock(version, secret, salt, derivedCost, preKey);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(secret);
        }
    }

    /// <summary>Unlocks a key; null when this is not its passphrase, or the text was altered.</summary>
    /// <exception cref="SignatureProviderException">There is not enough memory.</exception>
    public Ed25519PrivateKey? TryUnlock(IEd25519 provider, TokenVersion version, string text)
    {
        if (SecretPassword.Describe(version, text) is not { } made)
        {
            return null;
        }

        if (!salt.AsSpan().SequenceEqual(made.Salt) || derivedCost != made.Cost)
        {
            if (isSettled)
            {
                return null;
            }

            Derive(made.Salt, made.Cost);
        }

        Span<byte> secret = stackalloc byte[SecretPassword.SecretBytes];
        try
        {
            if (!SecretPassword.TryUnlock(version, text, preKey, secret))
            {
                return null;
            }

            var key = provider.ImportSeed(secret[..IEd25519.SeedBytes]);
            if (key.PublicKey.SequenceEqual(secret[IEd25519.SeedBytes..]))
            {
                return key;
            }

            key.Dispose();
            return null;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(secret);
        }
    }

    /// <summary>
    /// Erases the passphrase: from now on it opens only what it was last used for, and locks more of the same. What is kept for that
    /// opens the keys that are in memory anyway.
    /// </summary>
    public void Settle()
    {
        DeriveForLocking();
        CryptographicOperations.ZeroMemory(passphrase);
        isSettled = true;
    }

    /// <summary>Erases passphrase and key.</summary>
    public void Dispose()
    {
        CryptographicOperations.ZeroMemory(passphrase);
        CryptographicOperations.ZeroMemory(preKey);
        (salt, isSettled) = (null, true);
    }

    private void DeriveForLocking()
    {
        if (salt is not null && derivedCost == cost)
        {
            return;
        }

        ObjectDisposedException.ThrowIf(isSettled, this);
        var fresh = new byte[SecretPassword.SaltBytes];
        SodiumEd25519.FillRandom(fresh);
        Derive(fresh, cost);
    }

    private void Derive(byte[] of, PasswordCost by)
    {
        SecretPassword.Derive(passphrase, of, by, preKey);
        (salt, derivedCost) = (of, by);
    }
}
