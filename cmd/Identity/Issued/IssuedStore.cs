using Microsoft.Extensions.Logging;
using Strata.Linux;
using Strata.Policy;

namespace Strata.Identity;

/// <summary>
/// What this node has issued and has not expired. It is an account, not an authority: tokens verify and end without it. So a
/// write reaches the disk within a moment rather than before the answer, and a crash may lose the last ones.
/// </summary>
internal sealed partial class IssuedStore : IDisposable
{
    /// <summary>Most capabilities kept: 1 000 000. Nothing more is issued until some expire.</summary>
    internal const int DefaultMaxEntries = 1_000_000;

    /// <summary>Most capabilities derived from one root while it lives, so that no holder can use up the room of all.</summary>
    internal const int DefaultMaxDerived = 32_768;

    /// <summary>Most bytes that may wait for a disk that takes none.</summary>
    internal const int MaxUnwrittenBytes = 4 * 1024 * 1024;

    private const int WriteAtBytes = 256 * 1024;
    private static readonly TimeSpan FlushInterval = TimeSpan.FromMilliseconds(250);

    private readonly Lock _using = new();
    private readonly IssuedIndex _index = new();
    private readonly IssuedFile _file;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly int _maxEntries;
    private readonly int _maxDerived;
    private readonly MemoryStream _unwritten = new();
    private uint _serial;
    private long _written;
    private bool _unsynced;
    private bool _closed;
    private bool _rewriting;

    private IssuedStore(IssuedFile file, TimeProvider time, ILogger log, int maxEntries, int maxDerived) =>
        (_file, _time, _log, _maxEntries, _maxDerived) = (file, time, log, maxEntries, maxDerived);

    /// <summary>How many capabilities are kept, expired ones that were not dropped yet included.</summary>
    internal int Count
    {
        get
        {
            lock (_using)
            {
                return _index.Count;
            }
        }
    }

    /// <summary>Opens the store and reads what is on disk.</summary>
    internal static IssuedStore Open(
        IdentityDirectory directory, TimeProvider time, ILogger log, int maxEntries = DefaultMaxEntries, int maxDerived = DefaultMaxDerived)
    {
        var store = new IssuedStore(IssuedFile.Open(directory), time, log, maxEntries, maxDerived);
        store.Load();
        return store;
    }

    /// <summary>Takes a capability in before its token is handed out.</summary>
    /// <param name="claims">What it says, with the key that signs it.</param>
    /// <param name="parent">The capability it was derived from, which is taken in too when it is not known; null for a root.</param>
    internal IssuedOutcome Add(CapabilityClaims claims, CapabilityClaims? parent)
    {
        lock (_using)
        {
            // While the file is rewritten the entries keep their numbers.
            if (_index.Count + 2 > _maxEntries && (_rewriting || _index.Prune(Now) == 0))
            {
                return IssuedOutcome.Full;
            }

            if (_unwritten.Length > MaxUnwrittenBytes)
            {
                return IssuedOutcome.DiskFails;
            }

            if (parent is not null)
            {
                var root = RootOf(parent);
                if (_index[root].Derived >= _maxDerived)
                {
                    return IssuedOutcome.TooManyDerived;
                }

                _index[root].Derived++;
            }

            Put(claims);
            return IssuedOutcome.Stored;
        }
    }

    /// <summary>Notes that a capability lives longer now.</summary>
    internal IssuedOutcome Renew(CapabilityClaims claims)
    {
        lock (_using)
        {
            if (_unwritten.Length > MaxUnwrittenBytes)
            {
                return IssuedOutcome.DiskFails;
            }

            Put(claims);
            return IssuedOutcome.Stored;
        }
    }

    /// <summary>When a capability ends, by its latest token; null when it is not known.</summary>
    internal DateTimeOffset? EndOf(string? capabilityId)
    {
        lock (_using)
        {
            var at = _index.Find(PackedId.Of(capabilityId));
            return at == IssuedIndex.None ? null : DateTimeOffset.FromUnixTimeSeconds(_index[at].ExpiresAt);
        }
    }

    /// <summary>Writes and compacts until cancelled.</summary>
    internal async Task RunAsync(CancellationToken cancellation)
    {
        using var timer = new PeriodicTimer(FlushInterval, _time);
        try
        {
            while (await timer.WaitForNextTickAsync(cancellation).ConfigureAwait(false))
            {
                Maintain();
            }
        }
        catch (OperationCanceledException)
        {
            // The service stops; Dispose writes the rest.
        }
    }

    /// <summary>Writes what waits and drops what has expired when that is due. A failure is told and tried again.</summary>
    internal void Maintain()
    {
        try
        {
            lock (_using)
            {
                Write();
            }

            Sync();
            CompactWhenDue();
        }
        catch (LinuxException e)
        {
            _log.IssuedNotStored(e.Message);
        }
    }

    public void Dispose()
    {
        Maintain();
        lock (_using)
        {
            _closed = true;
            _file.Dispose();
            _unwritten.Dispose();
        }
    }

    private uint Now => IssuedRecord.Seconds(_time.GetUtcNow() - ClockSkew.Max);

    private int RootOf(CapabilityClaims parent)
    {
        var root = _index.Find(PackedId.Of(parent.Root ?? parent.CapabilityId));
        if (root != IssuedIndex.None)
        {
            return root;
        }

        var known = _index.Find(PackedId.Of(parent.CapabilityId));
        return known == IssuedIndex.None ? Put(parent) : known;
    }

    private int Put(CapabilityClaims claims)
    {
        var at = _index.Find(PackedId.Of(claims.CapabilityId));
        var serial = at == IssuedIndex.None ? ++_serial : _index[at].Serial;
        var record = IssuedRecord.Encode(serial, claims);
        _ = IssuedRecord.TryReadEntry(record, _written + _unwritten.Length, out var entry, out _);
        _unwritten.Write(record);
        if (_unwritten.Length is >= WriteAtBytes and < WriteAtBytes * 2)
        {
            TryWrite();
        }

        return Upsert(at, entry);
    }

    private int Upsert(int at, in IssuedEntry entry)
    {
        if (at == IssuedIndex.None)
        {
            return _index.Add(entry);
        }

        var derived = _index[at].Derived;
        _index[at] = entry;
        _index[at].Derived = derived;
        return at;
    }

    private void TryWrite()
    {
        try
        {
            Write();
        }
        catch (LinuxException e)
        {
            _log.IssuedNotStored(e.Message);
        }
    }

    private void Write()
    {
        if (_unwritten.Length == 0 || _closed)
        {
            return;
        }

        try
        {
            _file.Append(_unwritten.GetBuffer().AsSpan(0, (int)_unwritten.Length));
        }
        catch (LinuxException)
        {
            _file.Reopen(_written);
            throw;
        }

        _written += _unwritten.Length;
        _unwritten.SetLength(0);
        _unsynced = true;
    }

    private void Sync()
    {
        // Not under the lock: nobody who issues waits for the disk. Only this thread replaces the file.
        if (_unsynced && !_closed)
        {
            _unsynced = false;
            _file.Sync();
        }
    }
}
