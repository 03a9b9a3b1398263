using System.Buffers;
using System.Diagnostics.CodeAnalysis;

namespace Strata.Policy;

/// <summary>From claims to a token. Decides nothing: <see cref="IssueValidation"/> and <see cref="Narrowing"/> do, before.</summary>
public static class TokenIssuer
{
    /// <summary>Signs claims, or says that they are too large for one token, which a request within all other limits can be.</summary>
    /// <param name="claims">The claims.</param>
    /// <param name="key">The key; its version is the token's.</param>
    /// <param name="token">The token, ASCII, at most <see cref="PasetoToken.MaxTokenBytes"/>, when the answer is true.</param>
    /// <param name="fault">What is too large, when the answer is false.</param>
    /// <param name="namesKey">
    /// Whether a footer names the key, by which verifiers find it. Default true; false makes tokens as they were before keys
    /// were rotated, which verify as long as a key of that time does.
    /// </param>
    /// <exception cref="ArgumentException">The claims hold unknown constraints.</exception>
    /// <exception cref="ObjectDisposedException">The key was erased.</exception>
    public static bool TryIssue(
        CapabilityClaims claims,
        SigningKey key,
        [NotNullWhen(true)] out string? token,
        [NotNullWhen(false)] out FieldFault? fault,
        bool namesKey = true)
    {
        var payload = new ArrayBufferWriter<byte>(512);
        ClaimsWriter.Write(claims, payload);
        ReadOnlySpan<byte> footer = namesKey ? key.Footer : default;
        if (!PasetoSigner.Fits(payload.WrittenCount, footer.Length))
        {
            token = null;
            fault = new FieldFault("rights", $"must fit, with actions and path_prefix, into a token of {PasetoToken.MaxTokenBytes} bytes; ask for less");
            return false;
        }

        token = PasetoSigner.Sign(key.Version, key.PrivateKey, payload.WrittenSpan, footer);
        fault = null;
        return true;
    }

    /// <summary>Signs claims that are known to be small. See <see cref="TryIssue"/>.</summary>
    /// <exception cref="ArgumentException">The claims do not fit into a token, or hold unknown constraints.</exception>
    public static string Issue(CapabilityClaims claims, SigningKey key, bool namesKey = true) =>
        TryIssue(claims, key, out var token, out var fault, namesKey) ? token : throw new ArgumentException(fault.ToString(), nameof(claims));
}
