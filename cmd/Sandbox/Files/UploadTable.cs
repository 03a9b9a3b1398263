using Strata.Ipc;

namespace Strata.Sandbox;

/// <summary>Transfers into sandboxes that are under way, by handle: so many in all, so many of one owner, and none for long that nobody goes on with.</summary>
internal sealed class UploadTable(SandboxFileOptions options, TimeProvider time) : IDisposable
{
    private readonly Dictionary<string, Entry> _entries = new(StringComparer.Ordinal);
    private readonly Dictionary<UploadPlace, string> _places = [];

    internal static SandboxException NoSuchHandle() => new(ErrorCode.NotFound, SandboxReasons.NoSuchHandle, "no such upload is under way for this capability; begin anew");

    /// <summary>The upload that goes on at a place; null when there is none any more.</summary>
    internal Incoming? FindAt(UploadPlace place)
    {
        lock (_entries)
        {
            var found = _places.TryGetValue(place, out var handle) ? _entries.GetValueOrDefault(handle) : null;
            return found is not null && !IsTooOld(found) && !found.Incoming.Space.Ended.IsCancellationRequested ? found.Incoming : null;
        }
    }

    /// <summary>Takes one in, or disposes it and says why not.</summary>
    /// <param name="incoming">The upload.</param>
    /// <param name="call">By whom.</param>
    /// <param name="place">By which it is found again; null for one that is not.</param>
    internal string Admit(Incoming incoming, CallContext call, UploadPlace? place = null)
    {
        var (owner, capability) = (SandboxSessions.OwnerOf(call), SandboxSessions.ClaimsOf(call).CapabilityId);
        lock (_entries)
        {
            if (_entries.Count < options.MaxUploads && _entries.Values.Count(e => e.Owner == owner) < options.MaxUploadsOfOne)
            {
                var entry = new Entry(incoming, owner, capability, place, time.GetTimestamp());
                entry.Timer = time.CreateTimer(_ => End(incoming.Handle), null, options.UploadIdle, Timeout.InfiniteTimeSpan);
                _entries.Add(incoming.Handle, entry);
                if (place is not null)
                {
                    // Of two that begin at once the later one is found again.
                    _places[place] = incoming.Handle;
                }

                incoming.EndWithSpace(() => End(incoming.Handle));
                return incoming.Handle;
            }
        }

        incoming.Dispose();
        throw new SandboxException(
            ErrorCode.ResourceExhausted, SandboxReasons.UploadsExhausted, $"{options.MaxUploadsOfOne} uploads of one owner and {options.MaxUploads} in all are under way at once; commit or discard one");
    }

    /// <summary>The caller's; another capability's is as one that never was.</summary>
    internal Incoming Find(string handle, CallContext call)
    {
        var (owner, capability) = (SandboxSessions.OwnerOf(call), SandboxSessions.ClaimsOf(call).CapabilityId);
        lock (_entries)
        {
            if (_entries.TryGetValue(handle, out var entry) && entry.Owner == owner && entry.Capability == capability && !IsTooOld(entry))
            {
                entry.Timer?.Change(options.UploadIdle, Timeout.InfiniteTimeSpan);
                return entry.Incoming;
            }
        }

        throw NoSuchHandle();
    }

    /// <summary>Ends one and removes what is there of it, unless it was committed.</summary>
    internal void End(string handle)
    {
        Entry? entry;
        lock (_entries)
        {
            if (_entries.Remove(handle, out entry) && entry.Place is { } place && _places.GetValueOrDefault(place) == handle)
            {
                _places.Remove(place);
            }
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

    // What is too old is not gone on with, and so soon idle for too long.
    private bool IsTooOld(Entry entry) => time.GetElapsedTime(entry.Begun) > options.UploadLifetime;

    private sealed record Entry(Incoming Incoming, string Owner, string Capability, UploadPlace? Place, long Begun)
    {
        internal ITimer? Timer { get; set; }
    }
}
