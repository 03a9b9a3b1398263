using System.Buffers;
using System.Buffers.Text;
using System.Globalization;
using System.Text;

namespace Strata.Policy;

/// <summary>
/// The name of a public key, as a token's footer <c>{"kid":"..."}</c> carries it: its PASERK id, <c>k2.pid.</c> or <c>k4.pid.</c> and 44
/// characters, which any other implementation of PASERK computes alike.
/// </summary>
public static class KeyId
{
    /// <summary>Length of a key id.</summary>
    public const int Chars = 51;

    private const int HashBytes = 33;
    private const int PrefixChars = 7;
    private const int LegacyHexDigits = 15;

    private static readonly SearchValues<byte> Base64UrlAlphabet = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"u8);

    private static ReadOnlySpan<byte> FooterStart => "{\"kid\":\""u8;

    private static ReadOnlySpan<byte> FooterEnd => "\"}"u8;

    /// <summary>The id of a key: the BLAKE2b-264 hash of the id's own prefix and the key's PASERK, in base64url.</summary>
    /// <exception cref="SignatureProviderException">libsodium is missing; the message names the package.</exception>
    public static string Of(TokenVersion version, ReadOnlySpan<byte> publicKey)
    {
        var prefix = PrefixOf(version);
        Span<byte> hash = stackalloc byte[HashBytes];
        Blake2b.Hash(Encoding.ASCII.GetBytes(prefix + Paserk.OfPublicKey(version, publicKey)), hash);
        return prefix + Base64Url.EncodeToString(hash);
    }

    /// <summary>
    /// The name that earlier versions used on disk and on the wire: the version's digit, then the first 15 hex digits of the key. Never in a
    /// token; kept so that what was revoked or issued under it is still found.
    /// </summary>
    public static string LegacyOf(TokenVersion version, ReadOnlySpan<byte> publicKey) =>
        ((int)version).ToString(CultureInfo.InvariantCulture) + Convert.ToHexStringLower(publicKey)[..LegacyHexDigits];

    /// <summary>The footer that names a key.</summary>
    internal static byte[] ToFooter(string keyId) => [.. FooterStart, .. Encoding.ASCII.GetBytes(keyId), .. FooterEnd];

    /// <summary>Reads a footer in the one spelling <see cref="ToFooter"/> writes; anything else is not a footer of ours.</summary>
    internal static bool TryReadFooter(ReadOnlySpan<byte> footer, out ReadOnlySpan<byte> keyId)
    {
        keyId = default;
        if (footer.Length != FooterStart.Length + Chars + FooterEnd.Length || !footer.StartsWith(FooterStart) || !footer.EndsWith(FooterEnd))
        {
            return false;
        }

        keyId = footer.Slice(FooterStart.Length, Chars);
        return (keyId.StartsWith("k2.pid."u8) || keyId.StartsWith("k4.pid."u8)) && !keyId[PrefixChars..].ContainsAnyExcept(Base64UrlAlphabet);
    }

    private static string PrefixOf(TokenVersion version) => version switch
    {
        TokenVersion.V2 => "k2.pid.",
        TokenVersion.V4 => "k4.pid.",
        _ => throw new ArgumentOutOfRangeException(nameof(version), version, "Only v2 and v4 tokens are known."),
    };
}
