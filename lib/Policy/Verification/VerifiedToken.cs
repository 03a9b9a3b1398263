namespace Strata.Policy;

/// <summary>A token whose signature and claims were found good, once; its lifetime and revocation are checked at each use.</summary>
/// <param name="Claims">What it says.</param>
/// <param name="Version">The token version.</param>
/// <param name="KeyId">The key that verified it.</param>
public sealed record VerifiedToken(CapabilityClaims Claims, TokenVersion Version, string KeyId);
