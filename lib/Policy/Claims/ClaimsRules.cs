namespace Strata.Policy;

/// <summary>How claims are read.</summary>
public sealed record ClaimsRules
{
    /// <summary>The strict rules, which are the default.</summary>
    public static ClaimsRules Strict { get; } = new();

    /// <summary>
    /// Tokens of the original implementation lack <c>iss</c> and <c>aud</c>. Null, the default, refuses them. When set, a token that
    /// lacks <b>both</b> is read as issued by this issuer for <see cref="CapabilityNames.Audience"/>: that is sound only where
    /// every key in the key set belongs to that issuer. A token that lacks only one of the two is always refused.
    /// </summary>
    public string? IssuerOfBareTokens { get; init; }
}
