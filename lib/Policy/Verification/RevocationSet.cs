using System.Collections.Concurrent;

namespace Strata.Policy;

/// <summary>
/// The revoked capabilities, by id and by rule, looked up in constant time without a lock. Changes are serialised. A revoked
/// capability takes everything derived from it along, because each carries its chain.
/// </summary>
public sealed class RevocationSet
{
    /// <summary>Default for the most entries: 100 000.</summary>
    public const int DefaultMaxEntries = 100_000;

    /// <summary>Most rules: 4096. One more counts as an overflow.</summary>
    public const int MaxRules = 4096;

    private readonly Lock changes = new();
    private volatile Content content = new();

    /// <summary>Makes an empty set.</summary>
    /// <param name="maxEntries">Most entries, at least 1.</param>
    public RevocationSet(int maxEntries = DefaultMaxEntries)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maxEntries, 1);
        MaxEntries = maxEntries;
    }

    /// <summary>Most entries.</summary>
    public int MaxEntries { get; }

    /// <summary>How many entries there are, rules not counted.</summary>
    public int Count => content.Count;

    /// <summary>The rules in force.</summary>
    public IReadOnlyList<RevocationRule> Rules => [.. content.Rules.All];

    /// <summary>Whether a revocation was lost for lack of room, so that "not found" means nothing.</summary>
    public bool IsOverflowing => content.IsOverflowing;

    /// <summary>What is known about a capability.</summary>
    public RevocationStatus Check(string capabilityId)
    {
        var now = content;
        if (now.ById.ContainsKey(capabilityId))
        {
            return RevocationStatus.Revoked;
        }

        return now.IsOverflowing ? RevocationStatus.Unknown : RevocationStatus.Active;
    }

    /// <summary>What is known about a capability: its own id, those it was derived from, and the rules. Allocates nothing.</summary>
    /// <param name="claims">What it says.</param>
    /// <param name="keyId">The key that signed its token; null when it is not known.</param>
    public RevocationStatus Check(CapabilityClaims claims, string? keyId)
    {
        var now = content;
        if (!now.ById.IsEmpty && IsRevokedById(now, claims))
        {
            return RevocationStatus.Revoked;
        }

        if (now.Rules.Ends(claims, keyId))
        {
            return RevocationStatus.Revoked;
        }

        return now.IsOverflowing ? RevocationStatus.Unknown : RevocationStatus.Active;
    }

    /// <summary>What is known about a capability whose token was verified.</summary>
    public RevocationStatus Check(CapabilityClaims claims) => Check(claims, claims.SignedBy);

    /// <summary>
    /// What revoked a capability, for people who may know: an id of its family, or a rule such as <c>subject agent-7</c>. Null when nothing did. Not
    /// for the path of a call.
    /// </summary>
    public string? CauseOf(CapabilityClaims claims)
    {
        var now = content;
        var id = claims.Chain.Select(a => a.CapabilityId).Append(claims.CapabilityId).FirstOrDefault(now.ById.ContainsKey);
        var rule = now.Rules.All.Where(r => r.Ends(claims, claims.SignedBy)).MinBy(r => r.Scope);
        return id is not null ? $"cap_id {id}" : rule is null ? null : $"{rule.Scope.ToString().ToLowerInvariant()} {rule.Value}";
    }

    /// <summary>Whether a rule is in force already, alone or in a wider one of the same target.</summary>
    public bool Covers(RevocationRule rule) => content.Rules.Covers(rule);

    /// <summary>Puts a rule in force.</summary>
    /// <exception cref="ArgumentException">Its value does not fit its scope.</exception>
    public RevokeOutcome AddRule(RevocationRule rule)
    {
        RequireWellFormed(rule);
        lock (changes)
        {
            return Add(content, rule);
        }
    }

    /// <summary>Revokes a capability. Never forgets another one to make room: call <see cref="Prune"/> for that.</summary>
    /// <exception cref="ArgumentException">The id is not a capability id.</exception>
    public RevokeOutcome Add(RevokedCapability revoked)
    {
        RequireId(revoked.CapabilityId);
        lock (changes)
        {
            return Add(content, revoked);
        }
    }

    /// <summary>Replaces everything by a snapshot, in one step for all readers.</summary>
    /// <param name="snapshot">All revoked capabilities.</param>
    /// <param name="rules">All rules.</param>
    /// <returns><see cref="RevokeOutcome.Full"/> when it did not fit, else <see cref="RevokeOutcome.Added"/>.</returns>
    /// <exception cref="ArgumentException">An id is not a capability id; nothing was changed.</exception>
    public RevokeOutcome Replace(IEnumerable<RevokedCapability> snapshot, params IEnumerable<RevocationRule> rules)
    {
        var next = new Content();
        foreach (var rule in rules)
        {
            RequireWellFormed(rule);
            _ = Add(next, rule);
        }

        foreach (var revoked in snapshot)
        {
            RequireId(revoked.CapabilityId);
            _ = Add(next, revoked);
        }

        lock (changes)
        {
            content = next;
        }

        return next.IsOverflowing ? RevokeOutcome.Full : RevokeOutcome.Added;
    }

    /// <summary>Forgets capabilities that have expired by themselves, the largest clock skew included.</summary>
    /// <returns>How many were forgotten.</returns>
    public int Prune(DateTimeOffset now)
    {
        lock (changes)
        {
            var rules = content.Rules;
            content.Rules = rules.Pruned(now);
            var pruned = rules.Count - content.Rules.Count;
            foreach (var (id, expiresAtTicks) in content.ById)
            {
                if (now.UtcTicks - ClockSkew.Max.Ticks > expiresAtTicks && content.ById.TryRemove(id, out _))
                {
                    content.Count--;
                    pruned++;
                }
            }

            return pruned;
        }
    }

    /// <summary>All entries, for a snapshot.</summary>
    public IReadOnlyList<RevokedCapability> ToSnapshot() =>
        [.. content.ById.Select(entry => new RevokedCapability(entry.Key, new DateTimeOffset(entry.Value, TimeSpan.Zero)))];

    private RevokeOutcome Add(Content target, RevokedCapability revoked)
    {
        if (target.ById.ContainsKey(revoked.CapabilityId))
        {
            return RevokeOutcome.AlreadyRevoked;
        }

        if (target.Count >= MaxEntries)
        {
            target.IsOverflowing = true;
            return RevokeOutcome.Full;
        }

        target.ById[revoked.CapabilityId] = revoked.ExpiresAt.UtcTicks;
        target.Count++;
        return RevokeOutcome.Added;
    }

    private static RevokeOutcome Add(Content target, RevocationRule rule)
    {
        if (target.Rules.Covers(rule))
        {
            return RevokeOutcome.AlreadyRevoked;
        }

        if (target.Rules.Count >= MaxRules && !target.Rules.HasTarget(rule))
        {
            target.IsOverflowing = true;
            return RevokeOutcome.Full;
        }

        target.Rules = target.Rules.With(rule);
        return RevokeOutcome.Added;
    }

    private static bool IsRevokedById(Content now, CapabilityClaims claims)
    {
        if (now.ById.ContainsKey(claims.CapabilityId))
        {
            return true;
        }

        for (var i = 0; i < claims.Chain.Count; i++)
        {
            if (now.ById.ContainsKey(claims.Chain[i].CapabilityId))
            {
                return true;
            }
        }

        return false;
    }

    private static void RequireWellFormed(RevocationRule rule)
    {
        if (!rule.IsWellFormed)
        {
            throw new ArgumentException("The rule's value does not fit its scope.", nameof(rule));
        }
    }

    private static void RequireId(string capabilityId)
    {
        if (!CapabilityNames.IsCapabilityId(capabilityId))
        {
            throw new ArgumentException("A capability id is 16 to 64 lower-case hex digits.", nameof(capabilityId));
        }
    }

    private sealed class Content
    {
        internal readonly ConcurrentDictionary<string, long> ById = new(StringComparer.Ordinal);
        internal volatile RevocationRules Rules = RevocationRules.None;
        internal volatile int Count;
        internal volatile bool IsOverflowing;
    }
}
