using Strata.Contracts;
using RevokedCapability = Strata.Policy.RevokedCapability;

namespace Strata.Identity;

/// <summary>What a verifier must know at an instant.</summary>
/// <param name="Ids">What is revoked by id.</param>
/// <param name="Rules">What is revoked by rule.</param>
/// <param name="Keys">The keys by which tokens verify.</param>
internal sealed record RevocationSnapshot(IReadOnlyList<RevokedCapability> Ids, IReadOnlyList<Policy.RevocationRule> Rules, IReadOnlyList<VerificationKey> Keys);
