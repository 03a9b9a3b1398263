using System.Buffers.Binary;

namespace Strata.Policy;

/// <summary>
/// PASETO's pre-authentication encoding (specification, common section): a count and every piece's length, as little-endian
/// 64-bit numbers, before the piece. No two lists of pieces share an encoding, which is what the signature relies on.
/// </summary>
internal static class PreAuthenticationEncoding
{
    private const int LengthBytes = 8;

    /// <summary>What a signature covers: v2 leaves the implicit assertion out, v4 always has it, empty or not.</summary>
    internal static byte[] OfToken(
        TokenVersion version, ReadOnlySpan<byte> message, ReadOnlySpan<byte> footer, ReadOnlySpan<byte> implicitAssertion)
    {
        var header = PasetoHeader.Of(version);
        var withAssertion = version == TokenVersion.V4;
        var size = (LengthBytes * 4) + header.Length + message.Length + footer.Length;
        var encoded = new byte[withAssertion ? size + LengthBytes + implicitAssertion.Length : size];
        Span<byte> rest = encoded;
        WriteLength(ref rest, withAssertion ? 4 : 3);
        WritePiece(ref rest, header);
        WritePiece(ref rest, message);
        WritePiece(ref rest, footer);
        if (withAssertion)
        {
            WritePiece(ref rest, implicitAssertion);
        }

        return encoded;
    }

    /// <summary>The encoding of any list of pieces.</summary>
    internal static byte[] Of(params ReadOnlySpan<byte[]> pieces)
    {
        var size = LengthBytes;
        foreach (var piece in pieces)
        {
            size += LengthBytes + piece.Length;
        }

        var encoded = new byte[size];
        Span<byte> rest = encoded;
        WriteLength(ref rest, pieces.Length);
        foreach (var piece in pieces)
        {
            WritePiece(ref rest, piece);
        }

        return encoded;
    }

    private static void WritePiece(ref Span<byte> destination, ReadOnlySpan<byte> piece)
    {
        WriteLength(ref destination, piece.Length);
        piece.CopyTo(destination);
        destination = destination[piece.Length..];
    }

    private static void WriteLength(ref Span<byte> destination, int length)
    {
        BinaryPrimitives.WriteInt64LittleEndian(destination, length);
        destination = destination[LengthBytes..];
    }
}
