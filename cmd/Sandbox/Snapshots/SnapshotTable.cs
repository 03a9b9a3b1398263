using Microsoft.Extensions.Logging;
using Strata.Hosting;
using Strata.Ipc;
using Strata.Linux;

namespace Strata.Sandbox;

/// <summary>
/// All snapshots by owner and name: <c>snapshots/ID/upper</c> each, a copy of what a session had changed, or <c>root</c>, of its whole root where no overlay was, with a record beside it. They outlive sessions and the service. One that was
/// not taken whole, whatever ended it, never was.
/// </summary>
internal sealed class SnapshotTable
{
    private readonly Lock _changing = new();
    private readonly Dictionary<SessionKey, Kept> _snapshots = [];
    private readonly HashSet<SessionKey> _making = [];
    private readonly KeptStore<SnapshotRecord> _store;
    private readonly SemaphoreSlim _copying;
    private readonly SnapshotLimits _limits;
    private readonly TimeProvider _time;

    internal SnapshotTable(string stateDirectory, SnapshotLimits limits, Action<string> discard, TimeProvider time, ILogger log)
    {
        (_limits, _time, _copying) = (limits, time, new SemaphoreSlim(limits.MaxCopying));
        _store = new KeptStore<SnapshotRecord>(Path.Combine(stateDirectory, "snapshots"), KeptJson.Default.SnapshotRecord, discard);
        foreach (var (id, record) in _store.Load((id, fault) => log.KeptUnreadable("snapshot", id, fault)))
        {
            _snapshots[new SessionKey(record.Owner, record.Name)] = new Kept(id, record);
        }
    }

    /// <summary>The directory in a session's changes, or in a snapshot, that holds what was changed, or the whole of a root; the rest is an overlay's own.</summary>
    internal static string NameIn(string changes) => Directory.Exists(Path.Combine(changes, SandboxRoot.CopiedName)) ? SandboxRoot.CopiedName : SandboxRoot.UpperName;

    /// <summary>Those of an owner, by name.</summary>
    internal IReadOnlyList<SnapshotRecord> Of(string owner)
    {
        lock (_changing)
        {
            return [.. _snapshots.Values.Select(s => s.Record).Where(r => r.Owner == owner).OrderBy(r => r.Name, StringComparer.Ordinal)];
        }
    }

    /// <summary>The images of all of them.</summary>
    internal IReadOnlyList<string> Images()
    {
        lock (_changing)
        {
            return [.. _snapshots.Values.Select(s => s.Record.Terms.ImageDigest ?? s.Record.Terms.Image)];
        }
    }

    /// <summary>The one of an owner and a name.</summary>
    /// <exception cref="SandboxException">There is none.</exception>
    internal SnapshotRecord Find(string owner, string name) => FindKept(owner, name).Record;

    /// <summary>Takes one of a directory of changes in which nothing is written meanwhile.</summary>
    /// <param name="owner">Whose it is.</param>
    /// <param name="name">Its name, free.</param>
    /// <param name="session">Name of the session.</param>
    /// <param name="terms">What that was asked to be.</param>
    /// <param name="changes">What it changed.</param>
    /// <param name="cancellation">Ends it; nothing stays behind.</param>
    internal async Task<SnapshotRecord> TakeAsync(string owner, string name, string session, SessionTerms terms, SnapshotSource changes, CancellationToken cancellation)
    {
        var key = new SessionKey(owner, name);
        var room = Reserve(key);
        try
        {
            var id = SecureRandom.Hex(8);
            var record = await CopyingAsync(
                () => _store.Make(id, made =>
                {
                    var copy = Copy(changes, made, room, cancellation);
                    // Values of secrets are nowhere on disk, so what is made of this has none; and a workspace is not in it.
                    var kept = terms with { Secrets = [], Workspace = null, SharedWorkspace = false };
                    return new SnapshotRecord(SnapshotRecord.CurrentVersion, owner, name, session, _time.GetUtcNow(), kept, copy.Bytes, copy.Entries);
                }, large: true),
                cancellation).ConfigureAwait(false);
            lock (_changing)
            {
                _snapshots[key] = new Kept(id, record);
            }

            return record;
        }
        finally
        {
            lock (_changing)
            {
                _making.Remove(key);
            }
        }
    }

    /// <summary>Fills a directory of changes with what a snapshot has, in the place of what is there.</summary>
    internal async Task FillAsync(string owner, string name, string changes, Action<string> discard, CancellationToken cancellation)
    {
        var kept = Hold(owner, name);
        try
        {
            await CopyingAsync(() => Fill(kept, changes, discard, cancellation), cancellation).ConfigureAwait(false);
        }
        finally
        {
            lock (_changing)
            {
                kept.Uses--;
            }
        }
    }

    /// <summary>Removes one.</summary>
    internal void Delete(string owner, string name)
    {
        Kept kept;
        lock (_changing)
        {
            kept = FindKept(owner, name);
            if (kept.Uses > 0)
            {
                throw new SandboxException(ErrorCode.Conflict, SandboxReasons.Busy, "a session is being made of this snapshot; try again when it is there");
            }

            _snapshots.Remove(new SessionKey(owner, name));
        }

        _store.Discard(kept.Id);
    }

    private Kept Hold(string owner, string name)
    {
        lock (_changing)
        {
            var kept = FindKept(owner, name);
            kept.Uses++;
            return kept;
        }
    }

    /// <summary>Copies beside what is there and exchanges the two in one step: one that breaks off, or a crash, leaves what was there.</summary>
    private bool Fill(Kept kept, string changes, Action<string> discard, CancellationToken cancellation)
    {
        var fresh = Path.Combine(changes, ".fresh");
        discard(Directory.CreateDirectory(fresh).FullName);
        Directory.CreateDirectory(fresh);
        var stored = _store.PathOf(kept.Id, ".");
        var source = new SnapshotSource(stored, null, HasLayers: true, NameIn(stored) == SandboxRoot.CopiedName);
        Copy(source, fresh, long.MaxValue, cancellation);
        using (var from = DirectoryHandle.Open(fresh))
        using (var to = DirectoryHandle.Open(changes))
        {
            var name = System.Text.Encoding.ASCII.GetBytes(source.Name);
            var result = DirectoryChanges.TryExchange(from, name, to, name);
            SandboxFileErrors.Check(result == -Errno.ENOENT ? DirectoryChanges.TryRename(from, name, to, name, replace: false) : result);
            // A whole root counts as long as it is there: with this step the changes alone do.
            result = source.IsCopied ? 0 : DirectoryChanges.TryRename(to, "root"u8, from, "root"u8, replace: false);
            SandboxFileErrors.Check(result == -Errno.ENOENT ? 0 : result);
        }

        foreach (var old in Directory.GetDirectories(changes).Where(path => Path.GetFileName(path) != source.Name))
        {
            discard(old);
        }

        return true;
    }

    private Kept FindKept(string owner, string name)
    {
        lock (_changing)
        {
            return _snapshots.GetValueOrDefault(new SessionKey(owner, name)) ?? throw new SandboxException(
                ErrorCode.NotFound, SandboxReasons.SnapshotNotFound, "you have no such snapshot; sandbox.snapshots names those you have, sandbox.snapshot takes one");
        }
    }

    /// <summary>Takes the name and tells how many bytes its owner may still have.</summary>
    private long Reserve(SessionKey key)
    {
        if (!SessionRequest.IsName(key.Name))
        {
            throw new SandboxException(ErrorCode.InvalidArgument, SandboxReasons.InvalidName, "a snapshot's name is 1 to 64 of letters, digits, '.', '_' and '-', and begins with a letter or digit");
        }

        lock (_changing)
        {
            var own = _snapshots.Values.Where(s => s.Record.Owner == key.Owner).ToArray();
            if (_snapshots.ContainsKey(key) || _making.Contains(key))
            {
                throw new SandboxException(ErrorCode.Conflict, SandboxReasons.SnapshotExists, "you have a snapshot of this name; choose another, or delete it");
            }

            if (own.Length + _making.Count(m => m.Owner == key.Owner) >= _limits.MaxOfOwner)
            {
                throw new SandboxException(ErrorCode.ResourceExhausted, SandboxReasons.SnapshotsExhausted, $"there are {_limits.MaxOfOwner} snapshots of one owner at most; delete one");
            }

            _making.Add(key);
            return _limits.MaxBytesOfOwner - own.Sum(s => s.Record.Bytes);
        }
    }

    private async Task<T> CopyingAsync<T>(Func<T> work, CancellationToken cancellation)
    {
        await _copying.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            return await Task.Run(work, CancellationToken.None).ConfigureAwait(false);
        }
        catch (LinuxException e)
        {
            throw SandboxFileErrors.Of(-e.Errno);
        }
        finally
        {
            _copying.Release();
        }
    }

    private TreeCopy Copy(SnapshotSource from, string to, long maxBytes, CancellationToken cancellation)
    {
        using var source = BeneathRoot.Open(from.Changes);
        using var target = BeneathRoot.Open(Directory.CreateDirectory(Path.Combine(to, from.Name)).FullName);
        using var upper = new FileDescriptor(SandboxFileErrors.Check(source.TryOpenDirectory(System.Text.Encoding.ASCII.GetBytes(from.Name), out _)));
        using var made = new FileDescriptor(SandboxFileErrors.Check(target.TryOpenDirectory("."u8, out _)));
        var copy = new TreeCopy(_limits.MaxFiles, maxBytes, cancellation);
        var result = copy.Run(upper, made);
        if (result >= 0 && from.Upper is { } top)
        {
            using var over = BeneathRoot.Of(FileDescriptor.Duplicate(top.Number), KeptOut.Nothing);
            using var opened = new FileDescriptor(SandboxFileErrors.Check(over.TryOpenDirectory("."u8, out _)));
            result = copy.RunOver(opened, made, from.HasLayers);
        }

        return result == TreeCopy.Redirected ? throw new SandboxException(
                ErrorCode.Unavailable, SandboxReasons.SnapshotUnavailable, "this kernel's overlays move directories in a way that cannot be copied; load the module overlay with redirect_dir=off")
            : result != TreeCopy.TooLarge && SandboxFileErrors.Check(result) >= 0 ? copy : throw new SandboxException(
            ErrorCode.ResourceExhausted, SandboxReasons.SnapshotTooLarge,
            $"snapshots of one owner have {_limits.MaxBytesOfOwner} bytes together, and {_limits.MaxFiles} files each, at most; delete one, or remove files from the session");
    }

    private sealed record Kept(string Id, SnapshotRecord Record)
    {
        /// <summary>How many copy it now.</summary>
        internal int Uses { get; set; }
    }
}

/// <summary>Where what a session changed lies.</summary>
/// <param name="Changes">The directory of its changes on disk.</param>
/// <param name="Upper">What lies over that; null for nothing.</param>
/// <param name="HasLayers">Whether an image lies beneath, of which something may be gone.</param>
/// <param name="IsCopied">Whether it is the whole of a root that layers were copied into.</param>
internal sealed record SnapshotSource(string Changes, FileDescriptor? Upper, bool HasLayers, bool IsCopied = false)
{
    /// <summary>The directory that it is.</summary>
    internal string Name => IsCopied ? SandboxRoot.CopiedName : SandboxRoot.UpperName;
}
