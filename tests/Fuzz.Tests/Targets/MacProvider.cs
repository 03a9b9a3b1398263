using System.Security.Cryptography;
using Strata.Policy;

namespace Strata.Fuzz.Tests;

/// <summary>Signatures that only this process can make and that cost next to nothing: keyed hashes. What is proven with them is the same.</summary>
internal sealed class MacProvider : IEd25519
{
    private static readonly byte[] Secret = [.. Enumerable.Range(0, 32).Select(i => (byte)(i * 7))];

    public string Name => "keyed hashes";

    public Ed25519PrivateKey ImportSeed(ReadOnlySpan<byte> seed) => new Key();

    public Ed25519PrivateKey Generate() => new Key();

    public bool Verify(ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature)
    {
        Span<byte> expected = stackalloc byte[IEd25519.SignatureBytes];
        HMACSHA512.HashData(Secret, message, expected);
        return expected.SequenceEqual(signature);
    }

    private sealed class Key() : Ed25519PrivateKey(new byte[IEd25519.PublicKeyBytes])
    {
        public override void Sign(ReadOnlySpan<byte> message, Span<byte> signature) => HMACSHA512.HashData(Secret, message, signature);

        public override void ExportSeed(Span<byte> seed) => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
        }
    }
}
