using Strata.Hosting;
using Strata.Ipc;
using Strata.Linux;

namespace Strata.Sandbox;

/// <summary>One workspace: its record, who has it, and what is in it as far as that was counted. Safe from any thread.</summary>
internal sealed class Workspace(string id, WorkspaceRecord record, string directory) : IFileAllowance
{
    private readonly Lock _changing = new();
    private readonly Dictionary<string, bool> _sessions = new(StringComparer.Ordinal);
    private (long Bytes, long Files)? _counted;
    private bool _isExact;
    private bool _isTooDeep;
    private bool _isGone;

    /// <summary>The service's own name for it.</summary>
    internal string Id => id;

    /// <summary>What is kept of it.</summary>
    internal WorkspaceRecord Record => record;

    /// <summary>Where its files are on the host.</summary>
    internal string Directory => directory;

    /// <summary>Ids of the sessions that have it.</summary>
    internal IReadOnlyList<string> Sessions
    {
        get
        {
            lock (_changing)
            {
                return [.. _sessions.Keys];
            }
        }
    }

    /// <summary>Whether all that have it share it.</summary>
    internal bool IsShared
    {
        get
        {
            lock (_changing)
            {
                return _sessions.Count > 0 && _sessions.Values.All(static shared => shared);
            }
        }
    }

    /// <summary>Gives it to a session.</summary>
    /// <exception cref="SandboxException">Another one has it that does not share it, or this one does not.</exception>
    internal void Attach(string session, bool shared)
    {
        lock (_changing)
        {
            if (_isGone)
            {
                throw NotFound();
            }

            if (_sessions.Count > 0 && !_sessions.ContainsKey(session) && (!shared || _sessions.ContainsValue(false)))
            {
                throw new SandboxException(
                    ErrorCode.Conflict, SandboxReasons.WorkspaceBusy, "another session has this workspace, which one at a time may write; close that one, or say shared_workspace in both");
            }

            _sessions[session] = shared;
        }
    }

    /// <summary>Takes it from a session.</summary>
    internal void Detach(string session)
    {
        lock (_changing)
        {
            _sessions.Remove(session);
            _counted = null;
        }
    }

    /// <summary>Begins to remove it.</summary>
    /// <exception cref="SandboxException">A session has it.</exception>
    internal void End()
    {
        lock (_changing)
        {
            _isGone = _sessions.Count == 0 && !_isGone ? true
                : _isGone ? throw NotFound()
                : throw new SandboxException(ErrorCode.Conflict, SandboxReasons.WorkspaceBusy, "a session has this workspace; close the session first");
        }
    }

    /// <summary>Counts what is in it.</summary>
    internal (long Bytes, long Files) Count(CancellationToken cancellation)
    {
        using var root = BeneathRoot.Open(directory);
        var (bytes, files, isWhole) = TreeCount.Of(new FileDescriptor(SandboxFileErrors.Check(root.TryOpenDirectory("."u8, out _))), cancellation);
        lock (_changing)
        {
            (_counted, _isExact, _isTooDeep) = ((bytes, files), true, !isWhole);
        }

        return (bytes, files);
    }

    /// <summary>What is in it as far as it was counted, and what was written since by us.</summary>
    internal (long Bytes, long Files) Usage()
    {
        lock (_changing)
        {
            if (_counted is { } counted)
            {
                return counted;
            }
        }

        return Count(CancellationToken.None);
    }

    /// <summary>Whether there is more in it than may be, or so deep that it is not counted.</summary>
    internal bool IsOverfull()
    {
        var (bytes, files) = Usage();
        lock (_changing)
        {
            return _isTooDeep || bytes > record.MaxBytes || files > record.MaxFiles;
        }
    }

    public void Take(long bytes, long files)
    {
        _ = Usage();
        if (TryTake(bytes, files))
        {
            return;
        }

        // What was replaced or removed since is still counted.
        var (known, entries) = Recount();
        if (!TryTake(bytes, files))
        {
            throw new SandboxException(
                ErrorCode.ResourceExhausted, SandboxReasons.WorkspaceFull, $"the workspace may have {record.MaxBytes} bytes and {record.MaxFiles} files, and has {known} and {entries}; remove something");
        }
    }

    public void GiveBack(long bytes, long files)
    {
        lock (_changing)
        {
            _counted = _counted is var (known, entries) ? (known - bytes, entries - files) : null;
        }
    }

    public void Forget()
    {
        lock (_changing)
        {
            _counted = null;
        }
    }

    private bool TryTake(long bytes, long files)
    {
        lock (_changing)
        {
            var (known, entries) = _counted ?? default;
            if (known + bytes > record.MaxBytes || entries + files > record.MaxFiles)
            {
                return false;
            }

            (_counted, _isExact) = ((known + bytes, entries + files), false);
            return true;
        }
    }

    private (long Bytes, long Files) Recount()
    {
        lock (_changing)
        {
            if (_isExact && _counted is { } counted)
            {
                return counted;
            }
        }

        return Count(CancellationToken.None);
    }

    internal static SandboxException NotFound() =>
        new(ErrorCode.NotFound, SandboxReasons.WorkspaceNotFound, "you have no such workspace; sandbox.workspace_list names those you have, sandbox.workspace_create makes one");
}
