using System.Buffers;
using System.Buffers.Text;

namespace Strata.Policy;

/// <summary>
/// Base64url without padding (RFC 4648 section 5), where every byte string has exactly one spelling. General decoders skip
/// white space and forgive padding or left-over bits; a token with two spellings would slip past anything keyed by its text.
/// </summary>
internal static class CanonicalBase64Url
{
    private static readonly SearchValues<byte> Alphabet =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"u8);

    internal static bool TryDecode(ReadOnlySpan<byte> text, out byte[] bytes)
    {
        bytes = [];
        if (text.Length % 4 == 1 || text.IndexOfAnyExcept(Alphabet) >= 0 || !LeftOverBitsAreZero(text))
        {
            return false;
        }

        var decoded = new byte[text.Length * 3 / 4];
        if (Base64Url.DecodeFromUtf8(text, decoded, out var read, out var written) != OperationStatus.Done
            || read != text.Length || written != decoded.Length)
        {
            return false;
        }

        bytes = decoded;
        return true;
    }

    private static bool LeftOverBitsAreZero(ReadOnlySpan<byte> text) => (text.Length % 4) switch
    {
        2 => (ValueOf(text[^1]) & 0b1111) == 0,
        3 => (ValueOf(text[^1]) & 0b0011) == 0,
        _ => true,
    };

    private static int ValueOf(byte symbol) => symbol switch
    {
        >= (byte)'A' and <= (byte)'Z' => symbol - 'A',
        >= (byte)'a' and <= (byte)'z' => symbol - 'a' + 26,
        >= (byte)'0' and <= (byte)'9' => symbol - '0' + 52,
        (byte)'-' => 62,
        _ => 63,
    };
}
