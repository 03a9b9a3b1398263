using System.Buffers;
using System.Globalization;

namespace Strata.Policy;

/// <summary>The short name of a public key, as a token's footer <c>{"kid":"..."}</c> may carry it.</summary>
public static class KeyId
{
    /// <summary>Length of a key id: 16 lower-case hex digits.</summary>
    public const int Digits = 16;

    private static readonly SearchValues<byte> LowerHex = SearchValues.Create("0123456789abcdef"u8);

    private static ReadOnlySpan<byte> FooterStart => "{\"kid\":\""u8;

    private static ReadOnlySpan<byte> FooterEnd => "\"}"u8;

    /// <summary>
    /// The id of a key: the version's digit, then the first 15 hex digits of the public key, which are as good as random.
    /// It only says which key to try; two keys of one id would both be refused what the other signed.
    /// </summary>
    public static string Of(TokenVersion version, ReadOnlySpan<byte> publicKey) =>
        string.Concat(((int)version).ToString("x", CultureInfo.InvariantCulture), Convert.ToHexStringLower(publicKey[..(Digits / 2)]).AsSpan(0, Digits - 1));

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
