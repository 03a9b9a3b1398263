using Microsoft.Extensions.Logging;
using Strata.Ipc;
using Strata.Linux;

namespace Strata.Sandbox;

/// <summary>All workspaces by owner and name: <c>workspaces/ID/files</c> each, with a record beside it. They outlive sessions and the service.</summary>
internal sealed class WorkspaceTable : ISessionWorkspaces
{
    private const string Files = "files";
    private const int DirectoryMode = 0x1ED; // 0755: what leads there is ours alone.
    private const int UsualUser = 1000;

    private readonly Lock _changing = new();
    private readonly Dictionary<SessionKey, Workspace> _workspaces = [];
    private readonly KeptStore<WorkspaceRecord> _store;
    private readonly WorkspaceLimits _limits;
    private readonly TimeProvider _time;

    internal WorkspaceTable(string stateDirectory, WorkspaceLimits limits, Action<string> discard, TimeProvider time, ILogger log)
    {
        (_limits, _time) = (limits, time);
        _store = new KeptStore<WorkspaceRecord>(Path.Combine(stateDirectory, "workspaces"), KeptJson.Default.WorkspaceRecord, discard);
        foreach (var (id, record) in _store.Load((id, fault) => log.KeptUnreadable("workspace", id, fault)))
        {
            _workspaces[new SessionKey(record.Owner, record.Name)] = new Workspace(id, record, _store.PathOf(id, Files));
        }
    }

    /// <summary>All of them.</summary>
    internal IReadOnlyList<Workspace> All()
    {
        lock (_changing)
        {
            return [.. _workspaces.Values];
        }
    }

    /// <summary>The one of an owner and a name.</summary>
    /// <exception cref="SandboxException">There is none.</exception>
    internal Workspace Find(string owner, string name)
    {
        lock (_changing)
        {
            return _workspaces.GetValueOrDefault(new SessionKey(owner, name)) ?? throw Workspace.NotFound();
        }
    }

    /// <summary>Gives the one of an owner and a name, made now when there is none.</summary>
    /// <param name="owner">Whose it is.</param>
    /// <param name="name">Its name.</param>
    /// <param name="maxBytes">Most bytes in it, at most the service's bound; null for that.</param>
    /// <param name="maxFiles">The same of files.</param>
    internal (Workspace Workspace, bool Made) GetOrCreate(string owner, string name, long? maxBytes = null, long? maxFiles = null)
    {
        if (!SessionRequest.IsName(name))
        {
            throw new SandboxException(ErrorCode.InvalidArgument, SandboxReasons.InvalidName, "a workspace's name is 1 to 64 of letters, digits, '.', '_' and '-', and begins with a letter or digit");
        }

        lock (_changing)
        {
            var key = new SessionKey(owner, name);
            if (_workspaces.TryGetValue(key, out var known))
            {
                return (known, false);
            }

            if (_workspaces.Count >= _limits.Max || _workspaces.Keys.Count(k => k.Owner == owner) >= _limits.MaxOfOwner)
            {
                throw new SandboxException(
                    ErrorCode.ResourceExhausted, SandboxReasons.WorkspacesExhausted, $"there are {_limits.MaxOfOwner} workspaces of one owner and {_limits.Max} in all at most; delete one");
            }

            var id = SecureRandom.Hex(8);
            var record = new WorkspaceRecord(
                WorkspaceRecord.CurrentVersion, owner, name, _time.GetUtcNow(), Math.Min(maxBytes ?? _limits.MaxBytes, _limits.MaxBytes), Math.Min(maxFiles ?? _limits.MaxFiles, _limits.MaxFiles));
            _store.Make(id, directory => MakeFiles(directory, record), large: false);
            return (_workspaces[key] = new Workspace(id, record, _store.PathOf(id, Files)), true);
        }
    }

    public AttachedWorkspace Attach(string owner, string name, bool shared, string sessionId)
    {
        var workspace = GetOrCreate(owner, name).Workspace;
        workspace.Attach(sessionId, shared);
        return new Attached(workspace, sessionId);
    }

    /// <summary>Its files for whoever works on them without a session, as the user that the directory belongs to.</summary>
    internal FileSpace Open(string owner, string name)
    {
        var workspace = Find(owner, name);
        using var root = BeneathRoot.Open(workspace.Directory);
        SandboxFileErrors.Check(FileStatus.TryGet(root.Handle.Number, out var status));
        var user = UserId.Effective == 0 ? new ProcessUser(status.Uid, status.Gid) : default(ProcessUser?);
        return new FileSpace(FileDescriptor.Duplicate(root.Handle.Number), user, "workspace " + name) { Allowance = workspace, IsDurable = true };
    }

    /// <summary>Removes one with all in it.</summary>
    internal void Delete(string owner, string name)
    {
        var workspace = Find(owner, name);
        workspace.End();
        lock (_changing)
        {
            _workspaces.Remove(new SessionKey(owner, name));
        }

        _store.Discard(workspace.Id);
    }

    private static WorkspaceRecord MakeFiles(string directory, WorkspaceRecord record)
    {
        var files = Path.Combine(directory, Files);
        Directory.CreateDirectory(files);
        File.SetUnixFileMode(files, (UnixFileMode)DirectoryMode);
        FileOwner.Give(files, SandboxIds.OnDisk.OnHost(UsualUser));
        return record;
    }

    private sealed class Attached(Workspace workspace, string session) : AttachedWorkspace
    {
        internal override string Directory => workspace.Directory;

        public override void Dispose() => workspace.Detach(session);
    }
}
