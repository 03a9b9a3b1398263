using System.Buffers.Text;

namespace Strata.Policy;

/// <summary>Writes <c>v2.public</c> and <c>v4.public</c> tokens (PASETO specification, sections Version2 and Version4, Sign).</summary>
public static class PasetoSigner
{
    /// <summary>Signs a payload.</summary>
    /// <param name="version">Which version; the key must be one of that version.</param>
    /// <param name="key">The private key.</param>
    /// <param name="payload">The message, usually JSON.</param>
    /// <param name="footer">Authenticated and readable by anybody; none when empty.</param>
    /// <param name="implicitAssertion">Bound but not carried, v4 only; v2 discards it.</param>
    /// <returns>The token, ASCII.</returns>
    /// <exception cref="ArgumentException">The token would be longer than <see cref="PasetoToken.MaxTokenBytes"/>.</exception>
    public static string Sign(
        TokenVersion version,
        Ed25519PrivateKey key,
        ReadOnlySpan<byte> payload,
        ReadOnlySpan<byte> footer = default,
        ReadOnlySpan<byte> implicitAssertion = default)
    {
        var length = EncodedLength(payload.Length, footer.Length);
        if (length > PasetoToken.MaxTokenBytes)
        {
            throw new ArgumentException($"The token would be {length} bytes; at most {PasetoToken.MaxTokenBytes} are allowed.", nameof(payload));
        }

        var body = new byte[payload.Length + IEd25519.SignatureBytes];
        payload.CopyTo(body);
        key.Sign(PreAuthenticationEncoding.OfToken(version, payload, footer, implicitAssertion), body.AsSpan(payload.Length));
        Span<byte> token = stackalloc byte[(int)length];
        PasetoHeader.Of(version).CopyTo(token);
        var position = PasetoHeader.Bytes + Base64Url.EncodeToUtf8(body, token[PasetoHeader.Bytes..]);
        if (!footer.IsEmpty)
        {
            token[position++] = (byte)'.';
            Base64Url.EncodeToUtf8(footer, token[position..]);
        }

        return System.Text.Encoding.ASCII.GetString(token);
    }

    /// <summary>Whether a token of these sizes keeps within <see cref="PasetoToken.MaxTokenBytes"/>.</summary>
    internal static bool Fits(int payloadBytes, int footerBytes) => EncodedLength(payloadBytes, footerBytes) <= PasetoToken.MaxTokenBytes;

    private static long EncodedLength(long payloadBytes, long footerBytes)
    {
        var body = PasetoHeader.Bytes + Base64Length(payloadBytes + IEd25519.SignatureBytes);
        return footerBytes == 0 ? body : body + 1 + Base64Length(footerBytes);
    }

    private static long Base64Length(long bytes) => ((bytes * 4) + 2) / 3;
}
