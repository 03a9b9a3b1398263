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

    /// <summary><c>parent</c>: reserved for delegation, the capability this one was derived from; null for a root.</summary>
    public string? Parent { get; init; }

    /// <summary><c>root</c>: reserved for delegation, the first capability of the chain; null for a root.</summary>
    public string? Root { get; init; }

    /// <summary>
    /// The quotas that what is written by this capability counts against: each has its own sum, kept under its capability's id, and
    /// all must have room. Empty means no quota.
    /// </summary>
    public IReadOnlyList<ByteQuota> Quotas => Constraints.QuotaBytes is { } bytes ? [new ByteQuota(CapabilityId, bytes)] : [];

    /// <summary>Whether the holder may use a right, by <see cref="Rights"/> or by a legacy action of <see cref="Service"/>.</summary>
    public bool Grants(string right) => Rights.Contains(right) || GrantsByAction(right);

    private bool GrantsByAction(string right)
    {
        if (Actions.Count == 0 || right.Length <= Service.Length + 1
            || right[Service.Length] != '.' || !right.StartsWith(Service, StringComparison.Ordinal))
        {
            return false;
        }

        var verb = right.AsSpan(Service.Length + 1);
        for (var i = 0; i < Actions.Count; i++)
        {
            if (verb.SequenceEqual(Actions[i]))
            {
                return true;
            }
        }

        return false;
    }
}
