using System.Security.Cryptography;
using Strata.Hosting;
using Strata.Policy;

namespace Strata.Identity;

/// <summary>
/// Keeps the signing keys: one file a version, written once. A file holds
/// <c>strata-key 1 v2 SEED PUBLIC</c> and a newline, both in hex; the public key proves the seed undamaged.
/// </summary>
internal static class KeyStore
{
    private const int SeedDigits = IEd25519.SeedBytes * 2;
    private const int PublicDigits = IEd25519.PublicKeyBytes * 2;

    /// <summary>Loads the keys; makes those of a new node.</summary>
    /// <param name="directory">Where they are.</param>
    /// <param name="provider">Makes and checks them.</param>
    /// <param name="isNewNode">Whether nothing was ever served from this directory, so that a missing key may be made.</param>
    /// <exception cref="SettingsException">A key is damaged, foreign or lost.</exception>
    internal static KeyRing Load(IdentityDirectory directory, IEd25519 provider, bool isNewNode)
    {
        var v2 = LoadOne(directory, provider, TokenVersion.V2, isNewNode);
        try
        {
            return new KeyRing(v2, LoadOne(directory, provider, TokenVersion.V4, isNewNode));
        }
        catch
        {
            v2.Dispose();
            throw;
        }
    }

    internal static string FileNameOf(TokenVersion version) => version == TokenVersion.V4 ? "key-v4" : "key-v2";

    private static SigningKey LoadOne(IdentityDirectory directory, IEd25519 provider, TokenVersion version, bool isNewNode)
    {
        var name = FileNameOf(version);
        var prefix = PrefixOf(version);
        var content = directory.TryRead(name, prefix.Length + SeedDigits + PublicDigits + 2);
        if (content is not null)
        {
            try
            {
                return Parse(content, provider, version) ?? throw new SettingsException(
                    $"{Path.Combine(directory.Path, name)} is damaged; restore it from a backup. No new key was made: that would end every capability issued so far");
            }
            finally
            {
                CryptographicOperations.ZeroMemory(content);
            }
        }

        if (!isNewNode)
        {
            throw new SettingsException(
                $"{Path.Combine(directory.Path, name)} is missing though this node has had keys; restore it from a backup. "
                + $"To begin anew, with every capability issued so far void, remove {directory.Path}");
        }

        return Create(directory, provider, version);
    }

    private static SigningKey Create(IdentityDirectory directory, IEd25519 provider, TokenVersion version)
    {
        var key = SigningKey.Generate(provider, version);
        Span<byte> seed = stackalloc byte[IEd25519.SeedBytes];
        var prefix = PrefixOf(version);
        var content = new byte[prefix.Length + SeedDigits + 1 + PublicDigits + 1];
        try
        {
            key.ExportSeed(seed);
            prefix.CopyTo(content);
            Convert.TryToHexStringLower(seed, content.AsSpan(prefix.Length), out _);
            content[prefix.Length + SeedDigits] = (byte)' ';
            Convert.TryToHexStringLower(key.VerificationKey.PublicKey, content.AsSpan(prefix.Length + SeedDigits + 1), out _);
            content[^1] = (byte)'\n';
            directory.Replace(FileNameOf(version), content);
            return key;
        }
        catch
        {
            key.Dispose();
            throw;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(seed);
            CryptographicOperations.ZeroMemory(content);
        }
    }

    private static SigningKey? Parse(ReadOnlySpan<byte> content, IEd25519 provider, TokenVersion version)
    {
        var prefix = PrefixOf(version);
        if (content.Length != prefix.Length + SeedDigits + PublicDigits + 2 || !content.StartsWith(prefix)
            || content[prefix.Length + SeedDigits] != ' ' || content[^1] != '\n')
        {
            return null;
        }

        Span<byte> seed = stackalloc byte[IEd25519.SeedBytes];
        Span<byte> expected = stackalloc byte[IEd25519.PublicKeyBytes];
        try
        {
            if (Convert.FromHexString(content.Slice(prefix.Length, SeedDigits), seed, out _, out _) != System.Buffers.OperationStatus.Done
                || Convert.FromHexString(content.Slice(prefix.Length + SeedDigits + 1, PublicDigits), expected, out _, out _) != System.Buffers.OperationStatus.Done)
            {
                return null;
            }

            var key = SigningKey.FromSeed(provider, version, seed);
            if (key.VerificationKey.PublicKey.SequenceEqual(expected))
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

    private static ReadOnlySpan<byte> PrefixOf(TokenVersion version) => version == TokenVersion.V4 ? "strata-key 1 v4 "u8 : "strata-key 1 v2 "u8;
}
