namespace Strata.Policy;

/// <summary>
/// A capability that another one was derived from, with what of it still counts: revoking it, or its subject, takes the derived
/// one along, and its rate and quota are spent by both.
/// </summary>
/// <param name="CapabilityId">Its id.</param>
/// <param name="Subject">Its holder; null when it is the one of the capability after it in the chain.</param>
/// <param name="RateLimit">Its rate; null for none.</param>
/// <param name="QuotaBytes">Its quota; null for none.</param>
/// <param name="MaxSessions">Most sandboxes at once by it and all that came of it; null for no bound.</param>
public sealed record Ancestor(string CapabilityId, string? Subject = null, RateLimit? RateLimit = null, long? QuotaBytes = null, long? MaxSessions = null);
