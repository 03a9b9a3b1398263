namespace Strata.Policy;

/// <summary>What a capability says. Immutable and compared by value.</summary>
public sealed record CapabilityClaims
{
    /// <summary><c>iss</c>: who issued it, <c>identity@NODE</c>.</summary>
    public required string Issuer { get; init; }

    /// <summary><c>aud</c>: for whom, <see cref="CapabilityNames.Audience"/>.</summary>
    public required string Audience { get; init; }

    /// <summary><c>jti</c>: the capability id, 16 to 64 lower-case hex digits.</summary>
    public required string CapabilityId { get; init; }

    /// <summary><c>sub</c>: <see cref="CapabilityNames.AnonymousSubject"/> or a named holder.</summary>
    public string Subject { get; init; } = CapabilityNames.AnonymousSubject;

    /// <summary><c>iat</c>: when it was issued, UTC.</summary>
    public required DateTimeOffset IssuedAt { get; init; }

    /// <summary><c>exp</c>: from this instant on (plus the allowed clock skew) it is expired, UTC.</summary>
    public required DateTimeOffset ExpiresAt { get; init; }

    /// <summary><c>service</c>: the service it is for, such as <c>fs</c>.</summary>
    public required string Service { get; init; }

    /// <summary><c>actions</c>: the older form of rights; <c>open</c> for service <c>fs</c> means <c>fs.open</c>.</summary>
    public NameList Actions { get; init; } = NameList.Empty;

    /// <summary><c>rights</c>: what the holder may do, such as <c>fs.open</c>.</summary>
    public NameList Rights { get; init; } = NameList.Empty;

    /// <summary><c>constraints</c>: what limits the rights.</summary>
    public CapabilityConstraints Constraints { get; init; } = CapabilityConstraints.None;

    /// <summary><c>template</c>: the template it was issued by, and all that were derived from it; null for none.</summary>
    public string? Template { get; init; }

    /// <summary><c>since</c>: when the first of its chain was first issued, renewals not counted; null means <see cref="IssuedAt"/>.</summary>
    public DateTimeOffset? Since { get; init; }

    /// <summary><c>chain</c>: the capabilities it was derived from; empty for a root.</summary>
    public CapabilityChain Chain { get; init; } = CapabilityChain.Empty;

    /// <summary>The key that signed the token these claims were read from; null for claims that no verifier has seen. Not a claim.</summary>
    public string? SignedBy { get; init; }

    /// <summary>The capability it was derived from; null for a root.</summary>
    public string? Parent => Chain.Count == 0 ? null : Chain[Chain.Count - 1].CapabilityId;

    /// <summary>The first capability of the chain; null for a root.</summary>
    public string? Root => Chain.Count == 0 ? null : Chain[0].CapabilityId;

    /// <summary>When its line began: <see cref="Since"/>, else <see cref="IssuedAt"/>.</summary>
    public DateTimeOffset Began => Since ?? IssuedAt;

    /// <summary>
    /// The quotas that what is written by this capability counts against: each has its own sum, kept under its capability's id, and
    /// all must have room. Empty means no quota.
    /// </summary>
    public IReadOnlyList<ByteQuota> Quotas =>
    [
        .. Constraints.QuotaBytes is { } own ? [new ByteQuota(CapabilityId, own)] : (ByteQuota[])[],
        .. Chain.Where(a => a.QuotaBytes is not null).Select(a => new ByteQuota(a.CapabilityId, a.QuotaBytes!.Value)),
    ];

    /// <summary>Whether the holder may use a right, by <see cref="Rights"/> or by a legacy action of <see cref="Service"/>.</summary>
    public bool Grants(string right) => Rights.Contains(right) || GrantsByAction(right);

    private bool GrantsByAction(string right)
    {
        if (!right.StartsWith(Service, StringComparison.Ordinal))
        {
            return false;
        }

        var rest = right.AsSpan(Service.Length);
        for (var i = 0; i < Actions.Count; i++)
        {
            if (rest is ['.', .. var verb] && verb.SequenceEqual(Actions[i]))
            {
                return true;
            }
        }

        return false;
    }
}
