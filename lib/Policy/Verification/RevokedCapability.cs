namespace Strata.Policy;

/// <summary>A revocation.</summary>
/// <param name="CapabilityId">The revoked capability, 16 to 64 lower-case hex digits.</param>
/// <param name="ExpiresAt">When the capability expires anyway; after that (and the clock skew) the entry may go.</param>
public readonly record struct RevokedCapability(string CapabilityId, DateTimeOffset ExpiresAt);
