namespace Strata.Policy;

/// <summary>
/// The one effectful thing this library leans on: Ed25519 signatures (RFC 8032, pure Ed25519, no context).
/// </summary>
/// <remarks>
/// An implementation must be safe to call from many threads and must verify strictly: a signature whose S is not below the
/// group order (a malleated one), a public key of small order and a non-canonical public key are all refused.
/// </remarks>
public interface IEd25519
{
    /// <summary>Length of a seed, the secret part of a key: 32 bytes.</summary>
    const int SeedBytes = 32;

    /// <summary>Length of a public key: 32 bytes.</summary>
    const int PublicKeyBytes = 32;

    /// <summary>Length of a signature: 64 bytes.</summary>
    const int SignatureBytes = 64;

    /// <summary>The provider and its library version, for logs and diagnostics, such as <c>libsodium 1.0.18</c>.</summary>
    string Name { get; }

    /// <summary>Makes the private key that belongs to a seed.</summary>
    /// <param name="seed">Exactly <see cref="SeedBytes"/> bytes. The caller should erase its copy afterwards.</param>
    /// <exception cref="ArgumentException">The seed has another length.</exception>
    Ed25519PrivateKey ImportSeed(ReadOnlySpan<byte> seed);

    /// <summary>Makes a new private key from the system's random source.</summary>
    Ed25519PrivateKey Generate();

    /// <summary>Tells whether <paramref name="signature"/> is a valid, canonical signature of <paramref name="message"/>.</summary>
    /// <returns>False for anything that is not, lengths included; never throws on hostile input.</returns>
    bool Verify(ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature);
}
