using Strata.Policy;

namespace Strata.Identity;

/// <summary>The node's signing keys, one a token version, never shared between versions.</summary>
internal sealed record KeyRing(SigningKey V2, SigningKey V4) : IDisposable
{
    internal SigningKey Of(TokenVersion version) => version == TokenVersion.V4 ? V4 : V2;

    internal KeySet PublicKeys => KeySet.Of(V2.VerificationKey, V4.VerificationKey);

    public void Dispose()
    {
        V2.Dispose();
        V4.Dispose();
    }
}
