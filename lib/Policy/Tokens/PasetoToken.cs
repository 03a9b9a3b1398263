namespace Strata.Policy;

/// <summary>
/// A token whose shape is right and whose signature has not been checked yet. The payload cannot be reached before
/// <see cref="TryVerify"/> says yes; only version and footer show, because they choose the key.
/// </summary>
public sealed class PasetoToken
{
    /// <summary>The longest token, in bytes: 8192.</summary>
    public const int MaxTokenBytes = 8192;

    private readonly byte[] body;
    private readonly byte[] footer;

    private PasetoToken(TokenVersion version, byte[] body, byte[] footer)
    {
        Version = version;
        this.body = body;
        this.footer = footer;
    }

    /// <summary>The version named in the header.</summary>
    public TokenVersion Version { get; }

    /// <summary>The footer, decoded and not authenticated yet; empty when there is none.</summary>
    public ReadOnlyMemory<byte> Footer => footer;

    /// <summary>
    /// Takes a token apart. There is exactly one spelling for each: three or four segments, canonical base64url without padding,
    /// no empty footer, at most <see cref="MaxTokenBytes"/>.
    /// </summary>
    /// <param name="token">The token's bytes as they came.</param>
    /// <param name="parsed">The parts, when the answer is true.</param>
    /// <returns>False for anything else; never throws.</returns>
    public static bool TryParse(ReadOnlySpan<byte> token, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out PasetoToken? parsed)
    {
        parsed = null;
        if (token.Length > MaxTokenBytes || !PasetoHeader.TryRead(token, out var version))
        {
            return false;
        }

        var rest = token[PasetoHeader.Bytes..];
        var dot = rest.IndexOf((byte)'.');
        var hasFooter = dot is not -1;
        var bodyText = hasFooter ? rest[..dot] : rest;
        byte[] footer = [];
        if (hasFooter && (dot == rest.Length - 1 || !CanonicalBase64Url.TryDecode(rest[(dot + 1)..], out footer)))
        {
            // A trailing dot would be a second spelling of "no footer"; a further dot is outside the alphabet.
            return false;
        }

        if (!CanonicalBase64Url.TryDecode(bodyText, out var body) || body.Length < IEd25519.SignatureBytes)
        {
            return false;
        }

        parsed = new PasetoToken(version, body, footer);
        return true;
    }

    /// <summary>Checks the signature and hands the payload out.</summary>
    /// <param name="provider">The signature provider.</param>
    /// <param name="publicKey">The key for this token's <see cref="Version"/>; keys are never shared between versions.</param>
    /// <param name="implicitAssertion">Bound by v4 only; v2 discards it, as the specification says.</param>
    /// <param name="payload">The authenticated message, when the answer is true.</param>
    public bool TryVerify(
        IEd25519 provider, ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> implicitAssertion, out ReadOnlyMemory<byte> payload)
    {
        payload = default;
        var message = body.AsMemory(0, body.Length - IEd25519.SignatureBytes);
        var signed = PreAuthenticationEncoding.OfToken(Version, message.Span, footer, implicitAssertion);
        if (!provider.Verify(publicKey, signed, body.AsSpan(message.Length)))
        {
            return false;
        }

        payload = message;
        return true;
    }
}
