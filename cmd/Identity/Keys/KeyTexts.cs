using Strata.Contracts;
using Strata.Policy;
using VerificationKey = Strata.Contracts.VerificationKey;

namespace Strata.Identity;

/// <summary>Keys as verifiers and people are told of them.</summary>
internal static class KeyTexts
{
    /// <summary>What verifiers must know.</summary>
    internal static IReadOnlyList<VerificationKey> ForVerifiers(KeyRoll roll) =>
        [.. roll.Keys.Select(e => new VerificationKey(e.Key.KeyId, NameOf(e.Version), Base64(e), e.Key.IsNamedOnly ? true : null))];

    /// <summary>What <c>identity.keys</c> says.</summary>
    internal static KeysResult ForPeople(KeyRoll roll, TokenVersion issued, string issuer) => new(
        issuer,
        roll.Active(issued).Key.KeyId,
        [
            .. roll.Keys.Select(e => new KeyView(
                e.Key.KeyId, NameOf(e.Version), Base64(e), KeyRollFile.NameOf(e.State), LimitsView.Rfc3339(e.Created),
                e.Retires is { } retires ? LimitsView.Rfc3339(retires) : null, e.Key.IsNamedOnly ? true : null)),
        ]);

    internal static string NameOf(TokenVersion version) => version == TokenVersion.V4 ? "v4" : "v2";

    private static string Base64(KeyEntry entry) => Convert.ToBase64String(entry.Key.PublicKey);
}
