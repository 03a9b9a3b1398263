using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using Strata.Hosting;
using Strata.Policy;

namespace Strata.Identity;

/// <summary>
/// A private key in a file of its own, written once: a label that names kind and version, <c>SEED PUBLIC</c> and a newline, both
/// in hex; the public key proves the seed undamaged.
/// </summary>
/// <param name="name">Name of the file in identity's directory.</param>
/// <param name="label">What the file begins with, e.g. <c>strata-key 1 v2</c>.</param>
internal sealed class SeedFile(string name, string label)
{
    private const int SeedDigits = IEd25519.SeedBytes * 2;
    private const int PublicDigits = IEd25519.PublicKeyBytes * 2;

    private readonly byte[] _prefix = Encoding.ASCII.GetBytes(label + " ");

    private int Length => _prefix.Length + SeedDigits + 1 + PublicDigits + 1;

    /// <summary>Loads the key; null when there is no file.</summary>
    /// <exception cref="SettingsException">It is damaged, foreign or open to others; <paramref name="consequence"/> says why none was made.</exception>
    internal Ed25519PrivateKey? TryLoad(IdentityDirectory directory, IEd25519 provider, string consequence)
    {
        if (directory.TryRead(name, Length) is not { } content)
        {
            return null;
        }

        try
        {
            return Parse(content, provider) ?? throw new SettingsException(
                $"{Path.Combine(directory.Path, name)} is damaged; restore it from a backup. No new key was made: {consequence}");
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
        Span<byte> seed = stackalloc byte[IEd25519.SeedBytes];
        var content = new byte[Length];
        try
        {
            key.ExportSeed(seed);
            _prefix.CopyTo(content, 0);
            Convert.TryToHexStringLower(seed, content.AsSpan(_prefix.Length), out _);
            content[_prefix.Length + SeedDigits] = (byte)' ';
            Convert.TryToHexStringLower(key.PublicKey, content.AsSpan(_prefix.Length + SeedDigits + 1), out _);
            content[^1] = (byte)'\n';
            directory.Replace(name, content);
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

    private Ed25519PrivateKey? Parse(ReadOnlySpan<byte> content, IEd25519 provider)
    {
        if (content.Length != Length || !content.StartsWith(_prefix) || content[_prefix.Length + SeedDigits] != ' ' || content[^1] != '\n')
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
