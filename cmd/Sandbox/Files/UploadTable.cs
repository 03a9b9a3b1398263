using Strata.Ipc;

namespace Strata.Sandbox;

/// <summary>Transfers into sandboxes that are under way, by handle: so many in all, so many of one owner, and none for long that nobody goes on with.</summary>
internal sealed class UploadTable(int most, int mostOfOne, TimeSpan idle, TimeProvider time) : IDisposable
{
    private readonly Dictionary<string, Entry> _entries = new(StringComparer.Ordinal);

    internal static SandboxException NoSuchHandle() => new(ErrorCode.NotFound, SandboxReasons.NoSuchHandle, "no such upload is under way for this capability; begin anew");

    /// <summary>Takes one in, or disposes it and says why not.</summary>
    internal string Admit(Incoming incoming, CallContext call)
    {
        var (owner, capability) = (SandboxSessions.OwnerOf(call), SandboxSessions.ClaimsOf(call).CapabilityId);
        lock (_entries)
        {
            if (_entries.Count < most && _entries.Values.Count(e => e.Owner == owner) < mostOfOne)
            {
                var entry = new Entry(incoming, owner, capability);
                entry.Timer = time.CreateTimer(_ => End(incoming.Handle), null, idle, Timeout.InfiniteTimeSpan);
                _entries.Add(incoming.Handle, entry);
                incoming.EndWithSpace(() => End(incoming.Handle));
                return incoming.Handle;
            }
        }

        incoming.Dispose();
        throw new SandboxException(
            ErrorCode.ResourceExhausted, SandboxReasons.UploadsExhausted, $"{mostOfOne} uploads of one owner and {most} in all are under way at once; commit or discard one");
    }

    /// <summary>The caller's; another capability's is as one that never was.</summary>
    internal Incoming Find(string handle, CallContext call)
    {
        var (owner, capability) = (SandboxSessions.OwnerOf(call), SandboxSessions.ClaimsOf(call).CapabilityId);
        lock (_entries)
        {
            if (!_entries.TryGetValue(handle, out var entry) || entry.Owner != owner || entry.Capability != capability)
            {
                throw NoSuchHandle();
            }

            entry.Timer?.Change(idle, Timeout.InfiniteTimeSpan);
            return entry.Incoming;
        }
    }

    /// <summary>Ends one and removes what is there of it, unless it was committed.</summary>
    internal void End(string handle)
    {
        Entry? entry;
        lock (_entries)
        {
            _entries.Remove(handle, out entry);
        }

        entry?.Timer?.Dispose();
        entry?.Incoming.Dispose();
    }

    public void Dispose()
    {
        string[] handles;
        lock (_entries)
        {
            handles = [.. _entries.Keys];
        }

        foreach (var handle in handles)
        {
            End(handle);
        }
    }

    private sealed record Entry(Incoming Incoming, string Owner, string Capability)
    {
        internal ITimer? Timer { get; set; }
    }
}
