namespace Strata.Policy;

/// <summary>A request that was found well-formed: what a capability would say, before it has an id and dates.</summary>
/// <param name="Service">The service.</param>
/// <param name="Actions">Legacy actions.</param>
/// <param name="Rights">Rights.</param>
/// <param name="Constraints">Constraints.</param>
/// <param name="Ttl">Lifetime.</param>
/// <param name="Subject">The holder.</param>
public sealed record CapabilityGrant(
    string Service, NameList Actions, NameList Rights, CapabilityConstraints Constraints, TimeSpan Ttl, string Subject)
{
    /// <summary>Makes the claims. Times are cut to whole seconds, as they are written.</summary>
    /// <param name="issuer">The issuer, <c>identity@NODE</c>.</param>
    /// <param name="capabilityId">A new id: at least 128 random bits in hex.</param>
    /// <param name="now">The time of issue.</param>
    /// <exception cref="ArgumentException">Issuer or id are not well-formed.</exception>
    public CapabilityClaims ToClaims(string issuer, string capabilityId, DateTimeOffset now)
    {
        if (!CapabilityNames.IsIdentifier(issuer) || !CapabilityNames.IsCapabilityId(capabilityId))
        {
            throw new ArgumentException("The issuer or the capability id is not well-formed.");
        }

        var issuedAt = new DateTimeOffset(now.UtcTicks - (now.UtcTicks % TimeSpan.TicksPerSecond), TimeSpan.Zero);
        return new CapabilityClaims
        {
            Issuer = issuer,
            Audience = CapabilityNames.Audience,
            CapabilityId = capabilityId,
            Subject = Subject,
            IssuedAt = issuedAt,
            ExpiresAt = issuedAt + Ttl,
            Service = Service,
            Actions = Actions,
            Rights = Rights,
            Constraints = Constraints,
        };
    }
}
