namespace Strata.Supervisor;

/// <summary>A capability by its id.</summary>
/// <param name="CapabilityId">The id, which revokes and grants nothing.</param>
/// <param name="Expires">Its end, Unix seconds.</param>
internal sealed record IssuedId(string CapabilityId, long Expires);
