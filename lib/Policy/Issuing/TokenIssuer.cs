using System.Buffers;

namespace Strata.Policy;

/// <summary>From claims to a token. Decides nothing: <see cref="IssueValidation"/> and <see cref="Narrowing"/> do, before.</summary>
public static class TokenIssuer
{
    /// <summary>Signs claims.</summary>
    /// <param name="claims">The claims.</param>
    /// <param name="key">The key; its version is the token's.</param>
    /// <param name="namesKey">
    /// Whether a footer names the key, which saves verifiers from trying several during a rotation. Default false: the peers of
    /// protocol v1 issue tokens without a footer.
    /// </param>
    /// <returns>The token, ASCII, at most <see cref="PasetoToken.MaxTokenBytes"/>.</returns>
    /// <exception cref="ArgumentException">The claims do not fit into a token, or hold unknown constraints.</exception>
    /// <exception cref="ObjectDisposedException">The key was erased.</exception>
    public static string Issue(CapabilityClaims claims, SigningKey key, bool namesKey = false)
    {
        var payload = new ArrayBufferWriter<byte>(512);
        ClaimsWriter.Write(claims, payload);
        return PasetoSigner.Sign(key.Version, key.PrivateKey, payload.WrittenSpan, namesKey ? key.Footer : default(ReadOnlySpan<byte>));
    }
}
