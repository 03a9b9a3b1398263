using NSec.Cryptography;

namespace Strata.Policy;

/// <summary>Ed25519 by NSec.Cryptography, which brings its own libsodium. Compiled with <c>StrataNSec=true</c> only.</summary>
public sealed class NSecEd25519 : IEd25519
{
    /// <inheritdoc/>
    public string Name => "NSec.Cryptography";

    /// <inheritdoc/>
    public Ed25519PrivateKey ImportSeed(ReadOnlySpan<byte> seed)
    {
        if (seed.Length != IEd25519.SeedBytes)
        {
            throw new ArgumentException($"An Ed25519 seed must be exactly {IEd25519.SeedBytes} bytes, not {seed.Length}.", nameof(seed));
        }

        var exportable = new KeyCreationParameters { ExportPolicy = KeyExportPolicies.AllowPlaintextExport };
        return NSecPrivateKey.Own(Key.Import(SignatureAlgorithm.Ed25519, seed, KeyBlobFormat.RawPrivateKey, exportable));
    }

    /// <inheritdoc/>
    public Ed25519PrivateKey Generate()
    {
        var exportable = new KeyCreationParameters { ExportPolicy = KeyExportPolicies.AllowPlaintextExport };
        return NSecPrivateKey.Own(Key.Create(SignatureAlgorithm.Ed25519, exportable));
    }

    /// <inheritdoc/>
    public bool Verify(ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature) =>
        PublicKey.TryImport(SignatureAlgorithm.Ed25519, publicKey, KeyBlobFormat.RawPublicKey, out var key)
        && SignatureAlgorithm.Ed25519.Verify(key!, message, signature);
}
