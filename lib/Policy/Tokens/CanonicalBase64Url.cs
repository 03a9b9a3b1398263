using System.Buffers.Text;

namespace Strata.Policy;

/// <summary>
/// Base64url without padding (RFC 4648 section 5), where every byte string has exactly one spelling. General decoders skip
/// white space and forgive padding or left-over bits; a token with two spellings would slip past anything keyed by its text.
/// </summary>
internal static class CanonicalBase64Url
{
    /// <summary>Whatever a decoder forgives, the one spelling of what it understood is written again, and must be the text.</summary>
    internal static bool TryDecode(ReadOnlySpan<byte> text, out byte[] bytes)
    {
        var decoded = new byte[text.Length];
        _ = Base64Url.DecodeFromUtf8(text, decoded, out _, out var written);
        bytes = decoded[..written];
        return text.SequenceEqual(Base64Url.EncodeToUtf8(bytes));
    }
}
