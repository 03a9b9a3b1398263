namespace Strata.Policy;

/// <summary>A private key in libsodium's guarded memory.</summary>
internal sealed unsafe class SodiumPrivateKey : Ed25519PrivateKey
{
    private readonly SodiumSecret secret;

    private SodiumPrivateKey(SodiumSecret secret, ReadOnlySpan<byte> publicKey)
        : base(publicKey) => this.secret = secret;

    internal static SodiumPrivateKey FromSeed(ReadOnlySpan<byte> seed)
    {
        RequireLength(seed.Length, IEd25519.SeedBytes, "An Ed25519 seed");
        Span<byte> publicKey = stackalloc byte[IEd25519.PublicKeyBytes];
        var secret = new SodiumSecret();
        fixed (byte* seedPointer = seed, publicPointer = publicKey)
        {
            _ = SodiumNative.SeedKeyPair(publicPointer, secret, seedPointer);
        }

        return new SodiumPrivateKey(secret, publicKey);
    }

    public override void Sign(ReadOnlySpan<byte> message, Span<byte> signature)
    {
        RequireLength(signature.Length, IEd25519.SignatureBytes, "The signature buffer");
        fixed (byte* messagePointer = message, signaturePointer = signature)
        {
            _ = SodiumNative.SignDetached(signaturePointer, null, messagePointer, (ulong)message.Length, secret);
        }
    }

    public override void ExportSeed(Span<byte> seed)
    {
        RequireLength(seed.Length, IEd25519.SeedBytes, "The seed buffer");
        fixed (byte* seedPointer = seed)
        {
            _ = SodiumNative.SecretKeyToSeed(seedPointer, secret);
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            secret.Dispose();
        }
    }
}
