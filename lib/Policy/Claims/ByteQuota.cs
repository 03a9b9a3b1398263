namespace Strata.Policy;

/// <summary>A bound on what is written in all.</summary>
/// <param name="CapabilityId">The capability under whose id the sum is kept.</param>
/// <param name="MaxBytes">The bound.</param>
public readonly record struct ByteQuota(string CapabilityId, long MaxBytes);
