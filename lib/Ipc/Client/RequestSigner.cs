namespace Strata.Ipc;

/// <summary>Proves that the holder of a token's key sends a request, by signing it as it is sent.</summary>
/// <param name="method">The method, e.g. <c>fs.read</c>.</param>
/// <param name="reqId">The request's id between its quotes exactly as sent, UTF-8.</param>
/// <param name="parameters">The params exactly as sent, UTF-8; empty when there are none.</param>
/// <param name="token">The token.</param>
/// <param name="streams">Whether a stream is asked for.</param>
/// <returns>When it was signed, in Unix milliseconds, and the signature in base64url, <see cref="RequestProof.SignatureCharacters"/> characters.</returns>
public delegate (long TimeMs, string Signature) RequestSigner(
    string method, ReadOnlySpan<byte> reqId, ReadOnlySpan<byte> parameters, string token, bool streams);
