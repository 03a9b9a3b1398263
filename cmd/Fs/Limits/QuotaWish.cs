namespace Strata.Fs;

/// <summary>What is to be taken from the quota of one capability.</summary>
/// <param name="CapabilityId">The capability.</param>
/// <param name="MaxBytes">Its quota.</param>
/// <param name="Needed">Bytes that must be had.</param>
/// <param name="EndsAt">When no token of it can be good any more.</param>
internal readonly record struct QuotaWish(string CapabilityId, long MaxBytes, long Needed, DateTimeOffset EndsAt);
