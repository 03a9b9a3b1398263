namespace Strata.Policy;

/// <summary>The claims that are known, as a set, to notice duplicates and gaps.</summary>
[Flags]
internal enum ClaimFields
{
    None = 0,
    Issuer = 1 << 0,
    Audience = 1 << 1,
    CapabilityId = 1 << 2,
    Subject = 1 << 3,
    IssuedAt = 1 << 4,
    ExpiresAt = 1 << 5,
    Service = 1 << 6,
    Actions = 1 << 7,
    Rights = 1 << 8,
    Constraints = 1 << 9,
    Template = 1 << 10,
    Since = 1 << 11,
    Chain = 1 << 12,
}
