using System.Buffers.Text;

namespace Strata.Policy;

/// <summary>Keys as text, by the PASERK specification.</summary>
public static class Paserk
{
    /// <summary>A public key: <c>k4.public.</c> and the key in base64url.</summary>
    /// <exception cref="ArgumentException">Another length than <see cref="IEd25519.PublicKeyBytes"/>.</exception>
    public static string OfPublicKey(TokenVersion version, ReadOnlySpan<byte> publicKey)
    {
        _ = PasetoHeader.Of(version);
        return publicKey.Length == IEd25519.PublicKeyBytes
            ? (version == TokenVersion.V2 ? "k2.public." : "k4.public.") + Base64Url.EncodeToString(publicKey)
            : throw new ArgumentException($"An Ed25519 public key is {IEd25519.PublicKeyBytes} bytes, not {publicKey.Length}.", nameof(publicKey));
    }
}
