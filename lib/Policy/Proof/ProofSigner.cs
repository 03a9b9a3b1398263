using System.Buffers.Text;
using System.Text;

namespace Strata.Policy;

/// <summary>Signs calls with the key that a capability is bound to. Safe from any thread.</summary>
/// <param name="key">The holder's key; the caller owns it.</param>
/// <param name="time">The clock, which the service's is compared with.</param>
public sealed class ProofSigner(Ed25519PrivateKey key, TimeProvider time)
{
    /// <summary>The key that it signs by.</summary>
    public HolderKey HolderKey { get; } = HolderKey.Of(key.PublicKey);

    /// <summary>Signs one call.</summary>
    /// <param name="method">The method, e.g. <c>fs.read</c>; what stands before its first dot is the service.</param>
    /// <param name="reqId">The request's id between its quotes exactly as it is sent.</param>
    /// <param name="parameters">The params exactly as they are sent; empty when there are none.</param>
    /// <param name="token">The token.</param>
    /// <param name="streams">Whether a stream is asked for.</param>
    /// <returns>Time and signature, as <c>auth.proof</c> takes them.</returns>
    public (long TimeMs, string Signature) Sign(string method, ReadOnlySpan<byte> reqId, ReadOnlySpan<byte> parameters, string token, bool streams)
    {
        var name = Encoding.UTF8.GetBytes(method);
        var timeMs = time.GetUtcNow().ToUnixTimeMilliseconds();
        var message = ProofMessage.Of(new SignedCall
        {
            Service = ServiceOf(name),
            ReqId = reqId,
            Method = name,
            Params = parameters,
            Token = Encoding.UTF8.GetBytes(token),
            Streams = streams,
            TimeMs = timeMs,
        });
        Span<byte> signature = stackalloc byte[IEd25519.SignatureBytes];
        key.Sign(message, signature);
        return (timeMs, Base64Url.EncodeToString(signature));
    }

    private static ReadOnlySpan<byte> ServiceOf(ReadOnlySpan<byte> method) => method.IndexOf((byte)'.') is >= 0 and var dot ? method[..dot] : method;
}
