using System.Buffers;
using System.Security.Cryptography;

namespace Strata.Policy;

/// <summary>The short name of a public key, as a token's footer <c>{"kid":"..."}</c> may carry it.</summary>
public static class KeyId
{
    /// <summary>Length of a key id: 16 lower-case hex digits.</summary>
    public const int Digits = 16;

    private static readonly SearchValues<byte> LowerHex = SearchValues.Create("0123456789abcdef"u8);

    private static ReadOnlySpan<byte> FooterStart => "{\"kid\":\""u8;

    private static ReadOnlySpan<byte> FooterEnd => "\"}"u8;

    /// <summary>Derives the id: the first 8 bytes of SHA-256 over version number and public key, in hex.</summary>
    public static string Of(TokenVersion version, ReadOnlySpan<byte> publicKey)
    {
        Span<byte> named = stackalloc byte[1 + IEd25519.PublicKeyBytes];
        named[0] = (byte)version;
        publicKey.CopyTo(named[1..]);
        return Convert.ToHexStringLower(SHA256.HashData(named).AsSpan(0, Digits / 2));
    }

    /// <summary>The footer that names a key.</summary>
    internal static byte[] ToFooter(string keyId) => [.. FooterStart, .. System.Text.Encoding.ASCII.GetBytes(keyId), .. FooterEnd];

    /// <summary>Reads a footer in the one spelling <see cref="ToFooter"/> writes; anything else is not a footer of ours.</summary>
    internal static bool TryReadFooter(ReadOnlySpan<byte> footer, out ReadOnlySpan<byte> keyId)
    {
        keyId = default;
        if (footer.Length != FooterStart.Length + Digits + FooterEnd.Length || !footer.StartsWith(FooterStart) || !footer.EndsWith(FooterEnd))
        {
            return false;
        }

        keyId = footer.Slice(FooterStart.Length, Digits);
        return !keyId.ContainsAnyExcept(LowerHex);
    }
}
