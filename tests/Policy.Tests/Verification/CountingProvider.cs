namespace Strata.Policy.Tests;

/// <summary>Counts the verifications that get through to the real provider.</summary>
internal sealed class CountingProvider(IEd25519 inner) : IEd25519
{
    private int verifications;

    public int Verifications => verifications;

    public string Name => inner.Name;

    public Ed25519PrivateKey ImportSeed(ReadOnlySpan<byte> seed) => inner.ImportSeed(seed);

    public Ed25519PrivateKey Generate() => inner.Generate();

    public bool Verify(ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature)
    {
        Interlocked.Increment(ref verifications);
        return inner.Verify(publicKey, message, signature);
    }
}
