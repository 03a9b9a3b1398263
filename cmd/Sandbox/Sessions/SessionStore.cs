using System.Text.Json;
using Strata.Linux;

namespace Strata.Sandbox;

/// <summary>The sessions' directories: <c>sessions/ID/session.json</c>, and <c>sessions/ID/changes</c> for what a sandbox changes.</summary>
internal sealed class SessionStore
{
    private const int PrivateMode = 0x1C0; // 0700
    private const int FileMode = 0x180; // 0600
    private const int MaxRecordBytes = 1 << 20;
    private const string RecordName = "session.json";
    private const string GonePrefix = ".gone-";

    private readonly string _root;
    private readonly Action<string> _discard;

    /// <param name="stateDirectory">The service's state.</param>
    /// <param name="discard">Removes a directory of changes, whoever owns what is in it.</param>
    internal SessionStore(string stateDirectory, Action<string> discard)
    {
        PrivateDirectory.Ensure(stateDirectory, PrivateMode).Dispose();
        _root = Path.Combine(stateDirectory, "sessions");
        PrivateDirectory.Ensure(_root, PrivateMode).Dispose();
        _discard = discard;
    }

    /// <summary>Where a sandbox keeps what it changes.</summary>
    internal string ChangesOf(string id) => Path.Combine(_root, id, "changes");

    /// <summary>Makes the directories of a new session.</summary>
    internal void Make(string id)
    {
        PrivateDirectory.Ensure(Path.Combine(_root, id), PrivateMode).Dispose();
        PrivateDirectory.Ensure(ChangesOf(id), PrivateMode).Dispose();
    }

    /// <summary>Writes what a session comes back from; on disk when this returns.</summary>
    internal void Save(SessionRecord record)
    {
        using var directory = PrivateDirectory.Ensure(Path.Combine(_root, record.Id), PrivateMode);
        DurableFile.Replace(directory, RecordName, JsonSerializer.SerializeToUtf8Bytes(record, SessionJson.Default.SessionRecord), FileMode);
    }

    /// <summary>Ids of all directories there are, whatever is in them.</summary>
    internal IReadOnlyList<string> Ids() =>
        [.. Directory.EnumerateDirectories(_root).Select(path => Path.GetFileName(path)).Where(name => !name.StartsWith(GonePrefix, StringComparison.Ordinal))];

    /// <summary>Reads what a session comes back from.</summary>
    /// <returns>Null when there is none, as after a crash while it was made, or for a fault.</returns>
    internal SessionRecord? Load(string id, out string? fault)
    {
        try
        {
            using var directory = PrivateDirectory.Ensure(Path.Combine(_root, id), PrivateMode);
            var bytes = BoundedFile.TryRead(directory, RecordName, MaxRecordBytes, out fault);
            if (bytes is null)
            {
                return null;
            }

            var record = JsonSerializer.Deserialize(bytes, SessionJson.Default.SessionRecord);
            fault = record is { Version: SessionRecord.CurrentVersion } && record.Id == id ? null : "is of another session or version";
            return fault is null ? record : null;
        }
        catch (JsonException e)
        {
            fault = $"is damaged: {e.Message}";
            return null;
        }
        catch (Exception e) when (e is UnsafeDirectoryException or LinuxException)
        {
            fault = $"cannot be reached: {e.Message}";
            return null;
        }
    }

    /// <summary>Removes all of a session. From the renaming on it never was, also when the rest takes long or fails.</summary>
    internal void Discard(string id)
    {
        var gone = Path.Combine(_root, GonePrefix + id);
        try
        {
            Directory.Move(Path.Combine(_root, id), gone);
        }
        catch (DirectoryNotFoundException)
        {
            return;
        }

        Remove(gone);
    }

    /// <summary>Goes on with removals that an earlier process did not finish.</summary>
    internal void FinishRemovals()
    {
        foreach (var gone in Directory.EnumerateDirectories(_root, GonePrefix + "*"))
        {
            Remove(gone);
        }
    }

    private void Remove(string gone)
    {
        var changes = Path.Combine(gone, "changes");
        if (Directory.Exists(changes))
        {
            _discard(changes);
        }

        Directory.Delete(gone, recursive: true);
    }
}
