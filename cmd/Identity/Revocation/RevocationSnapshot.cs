using Strata.Policy;

namespace Strata.Identity;

/// <summary>All that is revoked at an instant.</summary>
/// <param name="Ids">By id.</param>
/// <param name="Rules">By rule.</param>
internal sealed record RevocationSnapshot(IReadOnlyList<RevokedCapability> Ids, IReadOnlyList<RevocationRule> Rules);
