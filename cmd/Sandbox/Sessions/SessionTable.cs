using System.Diagnostics.CodeAnalysis;
using Strata.Ipc;
using Strata.Policy;

namespace Strata.Sandbox;

/// <summary>All sessions by owner and name, and the bounds on how many there are.</summary>
internal sealed class SessionTable(SandboxOptions options)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<SessionKey, SessionSlot> _slots = [];

    /// <summary>How many there are.</summary>
    internal int Count
    {
        get
        {
            lock (_lock)
            {
                return _slots.Count;
            }
        }
    }

    /// <summary>All of them, as they are now.</summary>
    internal IReadOnlyList<SessionSlot> All()
    {
        lock (_lock)
        {
            return [.. _slots.Values];
        }
    }

    /// <summary>The one of this owner and name; null for none.</summary>
    internal SessionSlot? Find(SessionKey key)
    {
        lock (_lock)
        {
            return _slots.GetValueOrDefault(key);
        }
    }

    /// <summary>Takes a place, or gives the one that there is.</summary>
    /// <returns>True when it was taken for <paramref name="made"/>.</returns>
    /// <exception cref="SandboxException">There are as many as there may be.</exception>
    internal bool TryTake(SessionSlot made, [NotNullWhen(false)] out SessionSlot? known)
    {
        lock (_lock)
        {
            if (_slots.TryGetValue(made.Record.Key, out known))
            {
                return false;
            }

            CheckRoom(made);
            _slots.Add(made.Record.Key, made);
            return true;
        }
    }

    /// <summary>Takes a place for a session of an earlier process, whatever the bounds are now.</summary>
    internal void Restore(SessionSlot slot)
    {
        lock (_lock)
        {
            _slots[slot.Record.Key] = slot;
        }
    }

    /// <summary>Gives a place back.</summary>
    internal void Remove(SessionSlot slot)
    {
        lock (_lock)
        {
            _slots.Remove(slot.Record.Key);
        }
    }

    private void CheckRoom(SessionSlot made)
    {
        if (_slots.Count >= options.MaxSessions)
        {
            throw Full($"the service has {options.MaxSessions} sessions, the most it takes; try again later", SandboxReasons.TooManySessions);
        }

        var owner = made.Record.Owner;
        if (_slots.Values.Count(s => s.Record.Owner == owner) >= options.MaxSessionsPerOwner)
        {
            throw Full($"you have {options.MaxSessionsPerOwner} sessions, the most that one owner may have; close one", SandboxReasons.TooManySessions);
        }

        foreach (var (id, most) in BoundsOf(made.Capability))
        {
            if (_slots.Values.Count(s => IsBy(s.Capability, id)) >= most)
            {
                throw Full($"{most} sessions are there that were made by this capability or one it comes from or led to, the most it allows; close one", SandboxReasons.MaxSessions);
            }
        }
    }

    /// <summary>Each of a chain counts what it and all that came of it made: deriving another makes no room.</summary>
    private static IEnumerable<(string Id, long Most)> BoundsOf(CapabilityClaims claims) =>
        claims.Chain.Select(a => (a.CapabilityId, Most: a.MaxSessions)).Append((claims.CapabilityId, Most: claims.Constraints.Sandbox.MaxSessions))
            .Where(bound => bound.Most is not null).Select(bound => (bound.CapabilityId, bound.Most!.Value));

    private static bool IsBy(CapabilityClaims claims, string id) => claims.CapabilityId == id || claims.Chain.Contains(id);

    private static SandboxException Full(string message, string reason) => new(ErrorCode.ResourceExhausted, reason, message);
}
