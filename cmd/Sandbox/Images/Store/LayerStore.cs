using System.Globalization;
using System.Text.Json;
using Strata.Linux;

namespace Strata.Sandbox;

/// <summary>
/// The layers' directories: <c>layers/DIGEST/{layer.json,tree}</c>. One is unpacked in <c>staging</c>, brought to disk, and only then given its
/// name; one that goes is taken its name first. Whenever the service dies, a name stands for a whole layer.
/// </summary>
internal sealed class LayerStore
{
    internal const int PrivateMode = 0x1c0;
    internal const int FileMode = 0x180;
    private const int MaxRecordBytes = 4096;
    private const int EntryBytes = 4096;
    private const string RecordName = "layer.json";
    private const string TreeName = "tree";

    // What has a name is looked at, given one and taken it under this.
    private readonly Lock _naming = new();
    private readonly string _layers;
    private readonly string _staging;
    private readonly LayerOwners _owners;
    private readonly UnpackLimits _limits;

    internal LayerStore(string directory, LayerOwners owners, UnpackLimits limits)
    {
        (_layers, _staging, _owners, _limits) = (Path.Combine(directory, "layers"), Path.Combine(directory, "staging"), owners, limits);
        PrivateDirectory.Ensure(_layers, PrivateMode).Dispose();
        PrivateDirectory.Ensure(_staging, PrivateMode).Dispose();
    }

    /// <summary>Where a layer's files are.</summary>
    internal string TreeOf(Digest layer) => Path.Combine(_layers, layer.Hex, TreeName);

    /// <summary>All that are there.</summary>
    internal IReadOnlyDictionary<Digest, LayerRecord> Load()
    {
        var found = new Dictionary<Digest, LayerRecord>();
        foreach (var path in Directory.EnumerateDirectories(_layers))
        {
            if (Digest.TryParse("sha256:" + Path.GetFileName(path)) is { } digest && Read(digest) is { } record)
            {
                found[digest] = record;
            }
            else
            {
                Discard(Path.GetFileName(path));
            }
        }

        return found;
    }

    /// <summary>Unpacks a layer.</summary>
    /// <param name="open">Gives the archive, unpacked and counted; ended when it was read.</param>
    /// <param name="expected">What it must be; null for whatever it is.</param>
    /// <param name="cancellation">Ends it; nothing stays behind.</param>
    /// <exception cref="ArchiveException">The archive is refused, or is another one.</exception>
    internal LayerRecord Unpack(MeteredStream open, Digest? expected, CancellationToken cancellation)
    {
        var name = "new-" + SecureRandom.Hex(8);
        var place = Path.Combine(_staging, name);
        using var staging = PrivateDirectory.Ensure(place, PrivateMode);
        try
        {
            var record = Fill(Path.Combine(place, TreeName), open, cancellation);
            var digest = Digest.TryParse(record.Digest)!.Value;
            if (expected is { } wanted && wanted != digest)
            {
                throw new ArchiveException($"a layer is {digest} and not {wanted} as its image says");
            }

            DurableFile.Replace(staging, RecordName, JsonSerializer.SerializeToUtf8Bytes(record, ImageJson.Default.LayerRecord), FileMode);
            if (Name(place, digest) is not { } known)
            {
                return record;
            }

            Remove(name);
            return known;
        }
        catch
        {
            Remove(name);
            throw;
        }
    }

    /// <summary>What a layer's directory is now.</summary>
    internal string CheckOf(Digest layer, CancellationToken cancellation)
    {
        using var tree = PrivateTree(TreeOf(layer));
        return TreeCheck.Of(tree, cancellation);
    }

    /// <summary>Removes a layer. From the renaming on it is none.</summary>
    internal void Discard(string name)
    {
        var gone = "gone-" + SecureRandom.Hex(8);
        lock (_naming)
        {
            try
            {
                Directory.Move(Path.Combine(_layers, name), Path.Combine(_staging, gone));
            }
            catch (DirectoryNotFoundException)
            {
                return;
            }
        }

        Remove(gone);
    }

    /// <summary>Removes what an earlier process left in the middle.</summary>
    internal void Sweep()
    {
        foreach (var path in Directory.EnumerateFileSystemEntries(_staging))
        {
            Remove(Path.GetFileName(path));
        }
    }

    /// <summary>Whether a layer is there whole.</summary>
    internal bool Has(Digest layer)
    {
        lock (_naming)
        {
            return Read(layer) is not null;
        }
    }

    /// <summary>Gives a whole layer its name. The one that has it already stays: sessions may stand on it.</summary>
    /// <returns>The one that was there; null when there was none.</returns>
    private LayerRecord? Name(string place, Digest digest)
    {
        lock (_naming)
        {
            if (Read(digest) is { } known)
            {
                return known;
            }

            Discard(digest.Hex);
            Directory.Move(place, Path.Combine(_layers, digest.Hex));
        }

        using var layers = PrivateDirectory.Ensure(_layers, PrivateMode);
        DurableFile.SyncDirectory(layers, digest.Hex);
        return null;
    }

    private LayerRecord Fill(string path, MeteredStream archive, CancellationToken cancellation)
    {
        Directory.CreateDirectory(path, (UnixFileMode)0x1ed);
        using var tree = PrivateTree(path);
        LayerCalls.Check(EntryChanges.TryChangeOwner(tree.Number, _owners.OnDisk(0), _owners.OnDisk(0)), "fchown", default);
        LayerCalls.Check(FileContent.TryChangeMode(tree.Number, 0x1ed), "fchmod", default);
        using var unpacker = new LayerUnpacker(tree, _limits, _owners);
        var unpacked = unpacker.Unpack(archive);
        var digest = archive.Finish();
        var check = TreeCheck.Of(tree, cancellation);
        LayerCalls.Check(FileContent.TrySyncAll(tree.Number), "syncfs", default);
        return new LayerRecord(ImageRecord.CurrentVersion, digest.ToString(), unpacked.FileBytes + ((long)unpacked.Entries * EntryBytes), unpacked.Entries, check);
    }

    private LayerRecord? Read(Digest digest)
    {
        if (!Directory.Exists(TreeOf(digest)))
        {
            return null;
        }

        using var directory = DirectoryHandle.Open(Path.Combine(_layers, digest.Hex));
        return ImageFiles.Read(directory, RecordName, MaxRecordBytes, ImageJson.Default.LayerRecord) is { Version: ImageRecord.CurrentVersion } record && record.Digest == digest.ToString() ? record : null;
    }

    private void Remove(string name)
    {
        using var staging = PrivateDirectory.Ensure(_staging, PrivateMode);
        LayerRemoval.Remove(staging, System.Text.Encoding.UTF8.GetBytes(name));
    }

    private static FileDescriptor PrivateTree(string path)
    {
        using var parent = DirectoryHandle.Open(Path.GetDirectoryName(path)!);
        return new FileDescriptor(LayerCalls.Check(BeneathRoot.TryDescend(parent, "tree"u8, KeptOut.Nothing), "openat2", "tree"u8));
    }
}
