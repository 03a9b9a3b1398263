using System.Runtime.InteropServices;

namespace Strata.Policy;

/// <summary>Tells what a proof of possession is worth. Safe from any thread.</summary>
/// <param name="provider">The signature provider.</param>
/// <param name="window">What was accepted already.</param>
public sealed class ProofVerifier(IEd25519 provider, ReplayWindow window)
{
    /// <summary>Length of a signature as it is sent: 86 characters of base64url.</summary>
    public const int SignatureCharacters = 86;

    /// <summary>What was accepted already.</summary>
    public ReplayWindow Window => window;

    /// <summary>
    /// Checks a proof: its time, its signature, then whether it was used before. Only a proof that verifies is remembered, so that
    /// nobody without the key can fill the memory.
    /// </summary>
    /// <param name="claims">The capability, which is bound to a key.</param>
    /// <param name="call">What was to be signed.</param>
    /// <param name="signature">The signature as it was sent, base64url; empty for none.</param>
    /// <param name="now">The time, UTC.</param>
    public ProofStatus Check(CapabilityClaims claims, in SignedCall call, ReadOnlySpan<byte> signature, DateTimeOffset now)
    {
        if (signature.IsEmpty)
        {
            return ProofStatus.Missing;
        }

        if (claims.Constraints.HolderKey is not { } key || signature.Length != SignatureCharacters || !CanonicalBase64Url.TryDecode(signature, out var bytes))
        {
            return ProofStatus.Invalid;
        }

        if (!window.IsFresh(call.TimeMs, now))
        {
            return ProofStatus.Replayed;
        }

        var message = ProofMessage.Of(call);
        return provider.Verify(key.PublicKey, message, bytes)
            ? window.Take(DigestOf(message), claims.Root ?? claims.CapabilityId, call.TimeMs, now)
            : ProofStatus.Invalid;
    }

    /// <summary>Half of the hash is enough: who finds two messages with one digest has two calls of which one is refused.</summary>
    private static UInt128 DigestOf(byte[] message)
    {
        Span<byte> hash = stackalloc byte[Sha256Hash.Bytes];
        Sha256Hash.Of(message, hash);
        return MemoryMarshal.Read<UInt128>(hash);
    }
}
