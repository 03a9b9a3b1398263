using Strata.Policy;

namespace Strata.Fuzz.Tests;

/// <summary>Takes every signature for good, so that what lies behind it is reached, and remembers what it was of.</summary>
internal sealed class CapturingProvider : IEd25519
{
    internal byte[] Message { get; private set; } = [];

    internal byte[] Signature { get; private set; } = [];

    public string Name => "takes every signature";

    public Ed25519PrivateKey ImportSeed(ReadOnlySpan<byte> seed) => throw new NotSupportedException();

    public Ed25519PrivateKey Generate() => throw new NotSupportedException();

    public bool Verify(ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature)
    {
        (Message, Signature) = (message.ToArray(), signature.ToArray());
        return true;
    }
}
