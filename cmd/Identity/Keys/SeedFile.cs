using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using Strata.Hosting;
using Strata.Policy;

namespace Strata.Identity;

/// <summary>
/// A private key in a file of its own: a label that names kind and version, a space, the key and a newline. The key is <c>SEED PUBLIC</c>, both in
/// hex, of which the second proves the first undamaged; or, where a passphrase is given, a PASERK of the kind secret-pw.
/// </summary>
/// <param name="name">Name of the file in identity's directory.</param>
/// <param name="label">What the file begins with, e.g. <c>strata-key 1 v2</c>.</param>
/// <param name="version">The version that the PASERK names.</param>
/// <param name="passphrases">What locks it; null leaves it plain.</param>
internal sealed class SeedFile(string name, string label, TokenVersion version, Passphrases? passphrases)
{
    private const int SeedDigits = IEd25519.SeedBytes * 2;
    private const int PublicDigits = IEd25519.PublicKeyBytes * 2;

    private readonly byte[] _prefix = Encoding.ASCII.GetBytes(label + " ");

    private int PlainLength => _prefix.Length + SeedDigits + 1 + PublicDigits + 1;

    private int LockedLength => _prefix.Length + KeyPassphrase.LockedChars + 1;

    /// <summary>Loads the key, and locks its file with the passphrase where it is plain or locked with the previous one; null when there is no file.</summary>
    /// <exception cref="SettingsException">
    /// It is damaged, foreign, open to others, or locked with a passphrase that was not given; <paramref name="consequence"/> says why none was made.
    /// </exception>
    internal Ed25519PrivateKey? TryLoad(IdentityDirectory directory, IEd25519 provider, string consequence)
    {
        if (directory.TryRead(name, LockedLength) is not { } content)
        {
            return null;
        }

        try
        {
            var isLocked = content.Length == LockedLength;
            var key = isLocked ? Unlock(content, directory, provider) : Parse(content, provider);
            if (key is null)
            {
                throw new SettingsException($"{Path.Combine(directory.Path, name)} is damaged; restore it from a backup. No new key was made: {consequence}");
            }

            return isLocked ? key : Lock(key, directory);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(content);
        }
    }

    /// <summary>Makes a key and its file.</summary>
    internal Ed25519PrivateKey Create(IdentityDirectory directory, IEd25519 provider)
    {
        var key = provider.Generate();
        try
        {
            Store(key, directory);
            return key;
        }
        catch
        {
            key.Dispose();
            throw;
        }
    }

    private void Store(Ed25519PrivateKey key, IdentityDirectory directory)
    {
        var content = passphrases is null ? Plain(key) : Encoding.ASCII.GetBytes($"{label} {passphrases.Current.Lock(version, key)}\n");
        try
        {
            directory.Replace(name, content);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(content);
        }
    }

    private byte[] Plain(Ed25519PrivateKey key)
    {
        Span<byte> seed = stackalloc byte[IEd25519.SeedBytes];
        try
        {
            var content = new byte[PlainLength];
            key.ExportSeed(seed);
            _prefix.CopyTo(content, 0);
            Convert.TryToHexStringLower(seed, content.AsSpan(_prefix.Length), out _);
            content[_prefix.Length + SeedDigits] = (byte)' ';
            Convert.TryToHexStringLower(key.PublicKey, content.AsSpan(_prefix.Length + SeedDigits + 1), out _);
            content[^1] = (byte)'\n';
            return content;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(seed);
        }
    }

    /// <summary>Puts a key whose file is plain under the passphrase, if there is one, and wipes what was plain.</summary>
    private Ed25519PrivateKey Lock(Ed25519PrivateKey key, IdentityDirectory directory)
    {
        try
        {
            if (passphrases is not null)
            {
                directory.WipeAfter(name, () => Store(key, directory));
            }

            return key;
        }
        catch
        {
            key.Dispose();
            throw;
        }
    }

    private Ed25519PrivateKey? Unlock(ReadOnlySpan<byte> content, IdentityDirectory directory, IEd25519 provider)
    {
        if (!content.StartsWith(_prefix) || content[^1] != '\n')
        {
            return null;
        }

        var path = Path.Combine(directory.Path, name);
        if (passphrases is null)
        {
            throw new SettingsException($"{path} is locked with a passphrase and none was given: {Passphrases.Advice}");
        }

        var text = Encoding.ASCII.GetString(content[_prefix.Length..^1]);
        if (passphrases.Current.TryUnlock(provider, version, text) is { } key)
        {
            return key;
        }

        if (passphrases.Previous?.TryUnlock(provider, version, text) is not { } relocked)
        {
            throw new SettingsException(
                $"{path} does not open with the passphrase in {passphrases.Source}: it is another one, or the file is damaged. Give the passphrase it was locked with, or restore the file from a backup; "
                + $"to change the passphrase, name a file with the one before in {Passphrases.PreviousVariable}");
        }

        Store(relocked, directory);
        return relocked;
    }

    private Ed25519PrivateKey? Parse(ReadOnlySpan<byte> content, IEd25519 provider)
    {
        if (content.Length != PlainLength || !content.StartsWith(_prefix) || content[_prefix.Length + SeedDigits] != ' ' || content[^1] != '\n')
        {
            return null;
        }

        Span<byte> seed = stackalloc byte[IEd25519.SeedBytes];
        Span<byte> expected = stackalloc byte[IEd25519.PublicKeyBytes];
        try
        {
            if (Convert.FromHexString(content.Slice(_prefix.Length, SeedDigits), seed, out _, out _) != OperationStatus.Done
                || Convert.FromHexString(content.Slice(_prefix.Length + SeedDigits + 1, PublicDigits), expected, out _, out _) != OperationStatus.Done)
            {
                return null;
            }

            var key = provider.ImportSeed(seed);
            if (key.PublicKey.SequenceEqual(expected))
            {
                return key;
            }

            key.Dispose();
            return null;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(seed);
        }
    }
}
