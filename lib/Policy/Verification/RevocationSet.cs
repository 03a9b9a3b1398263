using System.Collections.Concurrent;

namespace Strata.Policy;

/// <summary>The revoked capabilities, looked up in constant time without a lock. Changes are serialised.</summary>
public sealed class RevocationSet
{
    /// <summary>Default for the most entries: 100 000.</summary>
    public const int DefaultMaxEntries = 100_000;

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

    /// <summary>How many entries there are.</summary>
    public int Count => content.Count;

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

    /// <summary>What is known about a capability whose id is still bytes; allocates nothing.</summary>
    public RevocationStatus Check(ReadOnlySpan<byte> capabilityId)
    {
        var now = content;
        Span<char> id = stackalloc char[ClaimLimits.MaxCapabilityIdDigits];
        if (capabilityId.Length <= id.Length
            && System.Text.Ascii.ToUtf16(capabilityId, id, out var length) == System.Buffers.OperationStatus.Done
            && now.ByIdSpan.ContainsKey(id[..length]))
        {
            return RevocationStatus.Revoked;
        }

        return now.IsOverflowing ? RevocationStatus.Unknown : RevocationStatus.Active;
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
    /// <returns><see cref="RevokeOutcome.Full"/> when it did not fit, else <see cref="RevokeOutcome.Added"/>.</returns>
    /// <exception cref="ArgumentException">An id is not a capability id; nothing was changed.</exception>
    public RevokeOutcome Replace(IEnumerable<RevokedCapability> snapshot)
    {
        var next = new Content();
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
            var pruned = 0;
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
        internal readonly ConcurrentDictionary<string, long>.AlternateLookup<ReadOnlySpan<char>> ByIdSpan;
        internal volatile int Count;
        internal volatile bool IsOverflowing;

        internal Content() => ByIdSpan = ById.GetAlternateLookup<ReadOnlySpan<char>>();
    }
}
