namespace Strata.Policy;

/// <summary>The provider this build was made with: libsodium, or NSec.Cryptography when built with <c>StrataNSec=true</c>.</summary>
public static class Ed25519Provider
{
    /// <summary>Makes the provider. Cheap; make one a process.</summary>
    /// <exception cref="SignatureProviderException">The native library is missing; the message names the package.</exception>
    public static IEd25519 Create() =>
#if STRATA_NSEC
        new NSecEd25519();
#else
        new SodiumEd25519();
#endif
}
