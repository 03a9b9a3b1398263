using NSec.Cryptography;

namespace Strata.Policy;

/// <summary>A private key in NSec's own guarded memory.</summary>
internal sealed class NSecPrivateKey : Ed25519PrivateKey
{
    private readonly Key key;

    private NSecPrivateKey(Key key, ReadOnlySpan<byte> publicKey)
        : base(publicKey) => this.key = key;

    internal static NSecPrivateKey Own(Key key) => new(key, key.PublicKey.Export(KeyBlobFormat.RawPublicKey));

    public override void Sign(ReadOnlySpan<byte> message, Span<byte> signature)
    {
        RequireLength(signature.Length, IEd25519.SignatureBytes, "The signature buffer");
        SignatureAlgorithm.Ed25519.Sign(key, message, signature);
    }

    public override void ExportSeed(Span<byte> seed)
    {
        RequireLength(seed.Length, IEd25519.SeedBytes, "The seed buffer");
        if (!key.TryExport(KeyBlobFormat.RawPrivateKey, seed, out _))
        {
            throw new InvalidOperationException("NSec did not export the seed.");
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            key.Dispose();
        }
    }
}
