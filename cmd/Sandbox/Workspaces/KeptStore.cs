using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Strata.Linux;

namespace Strata.Sandbox;

/// <summary>
/// Directories with a record each, by ids of the service's own: <c>KIND/ID/record.json</c> beside what is kept. One that was not made whole never was; one that was begun to be
/// removed is gone.
/// </summary>
/// <typeparam name="T">The record.</typeparam>
internal sealed class KeptStore<T> where T : class
{
    private const int PrivateMode = 0x1C0; // 0700
    private const int FileMode = 0x180; // 0600
    private const int MaxRecordBytes = 1 << 20;
    private const string RecordName = "record.json";
    private const string NewPrefix = ".new-";
    private const string GonePrefix = ".gone-";

    private readonly string _root;
    private readonly JsonTypeInfo<T> _type;
    private readonly Action<string> _discard;

    /// <param name="root">The directory of all of them.</param>
    /// <param name="type">How records are written.</param>
    /// <param name="discard">Removes a tree, whoever owns what is in it.</param>
    internal KeptStore(string root, JsonTypeInfo<T> type, Action<string> discard)
    {
        (_root, _type, _discard) = (root, type, discard);
        PrivateDirectory.Ensure(Path.GetDirectoryName(root)!, PrivateMode).Dispose();
        PrivateDirectory.Ensure(root, PrivateMode).Dispose();
    }

    /// <summary>Where something of one is.</summary>
    internal string PathOf(string id, string name) => Path.Combine(_root, id, name);

    /// <summary>Makes one: it is there whole when this returns, and not at all when it throws or the machine ends meanwhile.</summary>
    /// <param name="id">Its id, new.</param>
    /// <param name="fill">Given its directory; makes what is kept, and the record that says what that is.</param>
    /// <param name="large">Whether there is more than a directory to be brought to disk.</param>
    internal T Make(string id, Func<string, T> fill, bool large)
    {
        var made = Path.Combine(_root, NewPrefix + id);
        try
        {
            using var directory = PrivateDirectory.Ensure(made, PrivateMode);
            var record = fill(made);
            // All of it at once, before it gets the name by which it is found.
            _ = large ? FileContent.TrySyncAll(directory.Number) : 0;
            DurableFile.Replace(directory, RecordName, JsonSerializer.SerializeToUtf8Bytes(record, _type), FileMode);
            Directory.Move(made, Path.Combine(_root, id));
            Sync(id);
            return record;
        }
        catch
        {
            Remove(made);
            throw;
        }
    }

    /// <summary>Removes one. From the renaming on it never was, also when the rest takes long or fails.</summary>
    internal void Discard(string id)
    {
        var gone = Path.Combine(_root, GonePrefix + id);
        Directory.Move(Path.Combine(_root, id), gone);
        Sync(id);
        Remove(gone);
    }

    /// <summary>Reads all of them, and clears away what was not made or not removed whole.</summary>
    /// <param name="told">Told of what cannot be read, by id; it is left alone.</param>
    internal IReadOnlyDictionary<string, T> Load(Action<string, string> told)
    {
        var found = new Dictionary<string, T>(StringComparer.Ordinal);
        foreach (var path in Directory.GetDirectories(_root))
        {
            var id = Path.GetFileName(path);
            if (id.StartsWith('.'))
            {
                Remove(path);
            }
            else if (Read(path, out var fault) is { } record)
            {
                found.Add(id, record);
            }
            else
            {
                told(id, fault ?? "has no record");
            }
        }

        return found;
    }

    private T? Read(string path, out string? fault)
    {
        try
        {
            using var directory = PrivateDirectory.Ensure(path, PrivateMode);
            var bytes = BoundedFile.TryRead(directory, RecordName, MaxRecordBytes, out fault);
            return bytes is null ? null : JsonSerializer.Deserialize(bytes, _type);
        }
        catch (Exception e) when (e is JsonException or IOException)
        {
            fault = e.Message;
            return null;
        }
    }

    private void Remove(string path)
    {
        try
        {
            if (Directory.Exists(path))
            {
                _discard(path);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The next start goes on with it.
        }
    }

    private void Sync(string id)
    {
        using var root = PrivateDirectory.Ensure(_root, PrivateMode);
        DurableFile.SyncDirectory(root, id);
    }
}
