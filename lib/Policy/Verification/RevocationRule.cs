namespace Strata.Policy;

/// <summary>A revocation of many capabilities at once. What is issued afterwards is not touched.</summary>
/// <param name="Scope">What it ends.</param>
/// <param name="Value">The subject, template or key id; <see cref="AnyValue"/> for everything.</param>
/// <param name="Before">Capabilities issued at this instant or earlier.</param>
/// <param name="ExpiresAt">When all of them have expired anyway; after that (and the clock skew) the rule may go.</param>
public sealed record RevocationRule(RevocationScope Scope, string Value, DateTimeOffset Before, DateTimeOffset ExpiresAt)
{
    /// <summary>The value of a rule for everything: <c>*</c>.</summary>
    public const string AnyValue = "*";

    /// <summary>Whether the value fits the scope.</summary>
    public bool IsWellFormed => Scope switch
    {
        RevocationScope.Subject or RevocationScope.Key => CapabilityNames.IsIdentifier(Value),
        RevocationScope.Template => CapabilityNames.IsService(Value),
        RevocationScope.Everything => Value == AnyValue,
        _ => false,
    };

    /// <summary>Whether the rule ends a capability.</summary>
    /// <param name="claims">What the capability says.</param>
    /// <param name="keyId">The key that signed its token; null when it is not known.</param>
    public bool Ends(CapabilityClaims claims, string? keyId) => Scope switch
    {
        RevocationScope.Subject => claims.IssuedAt <= Before && IsOf(claims, Value),
        RevocationScope.Template => claims.IssuedAt <= Before && claims.Template == Value,
        // Who has the key chooses the date; what a sound key signed for one who showed such a token has a true one.
        RevocationScope.Key => keyId == Value || (claims.Since is not null && claims.IssuedAt <= Before),
        _ => claims.Began <= Before,
    };

    /// <summary>Whether a capability, or one it was derived from, is of a subject.</summary>
    internal static bool IsOf(CapabilityClaims claims, string subject)
    {
        if (string.Equals(claims.Subject, subject, StringComparison.Ordinal))
        {
            return true;
        }

        for (var i = 0; i < claims.Chain.Count; i++)
        {
            if (string.Equals(claims.Chain[i].Subject, subject, StringComparison.Ordinal))
            {
                return true;
            }
        }

        return false;
    }
}
