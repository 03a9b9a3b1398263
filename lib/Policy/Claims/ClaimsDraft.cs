namespace Strata.Policy;

/// <summary>Claims while they are being read.</summary>
internal sealed class ClaimsDraft
{
    private const ClaimFields Required =
        ClaimFields.CapabilityId | ClaimFields.Subject | ClaimFields.IssuedAt | ClaimFields.ExpiresAt | ClaimFields.Service;

    private const ClaimFields Origin = ClaimFields.Issuer | ClaimFields.Audience;

    internal DateTimeOffset IssuedAt;
    internal DateTimeOffset ExpiresAt;
    internal NameList Actions = NameList.Empty;
    internal NameList Rights = NameList.Empty;
    internal CapabilityConstraints Constraints = CapabilityConstraints.None;
    internal DateTimeOffset Since;
    internal CapabilityChain Chain = CapabilityChain.Empty;

    private readonly Dictionary<ClaimFields, string> names = [];
    private HashSet<string>? informative;
    private ClaimFields seen;

    /// <summary>False when the claim was there already.</summary>
    internal bool MarkSeen(ClaimFields field, string name)
    {
        if (field == ClaimFields.None)
        {
            return (informative ??= new(StringComparer.Ordinal)).Add(name);
        }

        var isNew = (seen & field) == 0;
        seen |= field;
        return isNew;
    }

    internal void SetName(ClaimFields field, string value) => names[field] = value;

    internal CapabilityClaims? Build(ClaimsRules rules, out string? fault)
    {
        fault = FaultOf(rules);
        if (fault is not null)
        {
            return null;
        }

        return new CapabilityClaims
        {
            Issuer = NameOf(ClaimFields.Issuer) ?? rules.IssuerOfBareTokens!,
            Audience = NameOf(ClaimFields.Audience) ?? CapabilityNames.Audience,
            CapabilityId = NameOf(ClaimFields.CapabilityId)!,
            Subject = NameOf(ClaimFields.Subject)!,
            IssuedAt = IssuedAt,
            ExpiresAt = ExpiresAt,
            Service = NameOf(ClaimFields.Service)!,
            Actions = Actions,
            Rights = Rights,
            Constraints = Constraints,
            Template = NameOf(ClaimFields.Template),
            Since = (seen & ClaimFields.Since) == 0 ? null : Since,
            Chain = Chain,
        };
    }

    private string? FaultOf(ClaimsRules rules)
    {
        var missing = Required & ~seen;
        if (missing != 0)
        {
            return $"lacks required claims: {missing}";
        }

        var isBare = (seen & Origin) == 0 && rules.IssuerOfBareTokens is not null;
        if ((seen & Origin) != Origin && !isBare)
        {
            return "lacks iss or aud: the token must say who issued it and for whom";
        }

        if (ExpiresAt <= IssuedAt)
        {
            return "exp: must be later than iat";
        }

        if ((seen & ClaimFields.Since) != 0 && Since > IssuedAt)
        {
            return "since: must not be later than iat";
        }

        return Chain.Contains(NameOf(ClaimFields.CapabilityId)!) ? "chain: must not hold the capability itself" : null;
    }

    private string? NameOf(ClaimFields field) => names.GetValueOrDefault(field);
}
