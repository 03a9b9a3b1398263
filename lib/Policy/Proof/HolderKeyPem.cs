using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;

namespace Strata.Policy;

/// <summary>
/// A holder's key as text: PKCS #8 in PEM (RFC 8410), as <c>openssl genpkey -algorithm ed25519</c> writes it and every language reads
/// it. Pure: reading and writing the file is the caller's.
/// </summary>
public static class HolderKeyPem
{
    /// <summary>Longest text read, in characters.</summary>
    public const int MaxCharacters = 4096;

    private const string PrivateLabel = "PRIVATE KEY";
    private const string PublicLabel = "PUBLIC KEY";

    // All of an Ed25519 key's DER but the key: version, algorithm 1.3.101.112, and the lengths of what follows.
    private static ReadOnlySpan<byte> PrivatePrefix => [0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20];

    private static ReadOnlySpan<byte> PublicPrefix => [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];

    /// <summary>Writes a private key. The caller should not let the text go where others read.</summary>
    public static string Write(Ed25519PrivateKey key)
    {
        var der = new byte[PrivatePrefix.Length + IEd25519.SeedBytes];
        try
        {
            PrivatePrefix.CopyTo(der);
            key.ExportSeed(der.AsSpan(PrivatePrefix.Length));
            return PemEncoding.WriteString(PrivateLabel, der) + "\n";
        }
        finally
        {
            CryptographicOperations.ZeroMemory(der);
        }
    }

    /// <summary>Reads a private key.</summary>
    /// <param name="text">The text.</param>
    /// <param name="provider">Makes the key.</param>
    /// <param name="key">The key, the caller's to dispose of, when the answer is true.</param>
    public static bool TryReadPrivate(ReadOnlySpan<char> text, IEd25519 provider, [NotNullWhen(true)] out Ed25519PrivateKey? key)
    {
        key = null;
        if (TryRead(text, PrivateLabel, PrivatePrefix, out var seed))
        {
            key = provider.ImportSeed(seed);
            CryptographicOperations.ZeroMemory(seed);
        }

        return key is not null;
    }

    /// <summary>
    /// Reads the public half of a key: from 43 characters of base64url, from a public key in PEM, or from a private one.
    /// </summary>
    /// <param name="text">The text.</param>
    /// <param name="provider">Makes a private key, to find the public half of one.</param>
    /// <param name="key">The public key, when the answer is true.</param>
    public static bool TryReadPublic(ReadOnlySpan<char> text, IEd25519 provider, [NotNullWhen(true)] out HolderKey? key)
    {
        if (TryReadPrivate(text, provider, out var secret))
        {
            using (secret)
            {
                key = HolderKey.Of(secret.PublicKey);
                return true;
            }
        }

        var written = TryRead(text, PublicLabel, PublicPrefix, out var bytes) ? System.Buffers.Text.Base64Url.EncodeToString(bytes) : text.Trim().ToString();
        return HolderKey.TryParse(written, out key, out _);
    }

    private static bool TryRead(ReadOnlySpan<char> text, string label, ReadOnlySpan<byte> prefix, out byte[] key)
    {
        key = [];
        var length = prefix.Length + IEd25519.SeedBytes;
        if (text.Length > MaxCharacters || !PemEncoding.TryFind(text, out var found) || !text[found.Label].SequenceEqual(label) || found.DecodedDataLength != length)
        {
            return false;
        }

        var der = new byte[length];
        try
        {
            var isKey = Convert.TryFromBase64Chars(text[found.Base64Data], der, out _) && der.AsSpan().StartsWith(prefix);
            key = isKey ? der[prefix.Length..] : [];
            return isKey;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(der);
        }
    }
}
