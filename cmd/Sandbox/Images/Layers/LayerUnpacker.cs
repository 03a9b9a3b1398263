using System.Globalization;
using System.Text;
using Strata.Linux;

namespace Strata.Sandbox;

/// <summary>What an archive became.</summary>
/// <param name="Entries">How many entries it had.</param>
/// <param name="FileBytes">How long their contents are together.</param>
/// <param name="Devices">How many devices were left out.</param>
internal sealed record UnpackedLayer(int Entries, long FileBytes, int Devices);

/// <summary>Fills a directory from an archive, as a layer of an overlay. Whatever the archive says, nothing outside that directory changes.</summary>
internal sealed class LayerUnpacker(FileDescriptor root, UnpackLimits limits, LayerOwners owners) : IDisposable
{
    private const int DirectoryModeAtWork = 0x1c0;

    private static ReadOnlySpan<byte> Whiteout => ".wh."u8;

    private readonly DirectoryChain _chain = new(root, owners);

    // What directories shall be is given to them at the end: until then they must be open to us, and what comes into them changes their times.
    private readonly Dictionary<string, ArchiveEntry> _directories = new(StringComparer.Ordinal);
    private readonly byte[] _buffer = new byte[128 * 1024];
    private int _entries;
    private int _devices;
    private long _fileBytes;

    /// <summary>Unpacks all of an archive.</summary>
    /// <exception cref="ArchiveException">It tries what none may, or is beyond a bound; the directory holds a part of it and is to be removed.</exception>
    /// <exception cref="LinuxException">The file system refuses.</exception>
    internal UnpackedLayer Unpack(Stream archive)
    {
        var tar = new TarArchive(archive);
        while (tar.Next() is { } entry)
        {
            if (++_entries > limits.MaxEntries)
            {
                throw new ArchiveException(string.Create(CultureInfo.InvariantCulture, $"the archive has more than {limits.MaxEntries} entries"));
            }

            Unpack(tar, entry, LayerPath.Parse(entry.Path, limits));
        }

        FinishDirectories();
        return new UnpackedLayer(_entries, _fileBytes, _devices);
    }

    public void Dispose() => _chain.Dispose();

    private void Unpack(TarArchive tar, ArchiveEntry entry, IReadOnlyList<byte[]> names)
    {
        if (names.Count == 0)
        {
            if (entry.Kind == TarKind.Directory)
            {
                _directories[""] = entry;
                return;
            }

            throw new ArchiveException("the archive has an entry without a name");
        }

        if (entry.Kind == TarKind.Device)
        {
            _devices++; // Sandboxes have their own; the number 0:0 would hide what another layer has.
            return;
        }

        var directory = _chain.Enter([.. names.Take(names.Count - 1)], makes: true)!;
        byte[] name = names[^1];
        if (name.AsSpan().StartsWith(Whiteout))
        {
            HideLower(directory, names, name.AsSpan(Whiteout.Length));
            return;
        }

        bool hidesLower = MakeRoom(directory, names, entry.Kind == TarKind.Directory);
        switch (entry.Kind)
        {
            case TarKind.Directory:
                MakeDirectory(directory, names, entry, hidesLower);
                return;
            case TarKind.HardLink:
                LinkHard(entry, names);
                return;
            case TarKind.Link:
                LayerCalls.Check(EntryChanges.TryMakeLink(directory, name, entry.Target), "symlinkat", name);
                break;
            case TarKind.Fifo:
                LayerCalls.Check(EntryChanges.TryMakeSpecial(directory, name, FileKind.Fifo), "mknodat", name);
                break;
            default:
                WriteFile(tar, directory, name, entry);
                break;
        }

        LayerCalls.Check(EntryChanges.TryChangeOwner(directory, name, owners.OnDisk(entry.Uid), owners.OnDisk(entry.Gid)), "fchownat", name);
        LayerCalls.Check(EntryChanges.TrySetModified(directory, name, entry.ModifiedUnixNs), "utimensat", name);
    }

    /// <summary>A later entry of the same name takes the place of an earlier one; only directories become one.</summary>
    /// <returns>Whether what was there said that nothing beneath shows through.</returns>
    private bool MakeRoom(FileDescriptor directory, IReadOnlyList<byte[]> names, bool isDirectory)
    {
        int found = FileStatus.TryGetEntry(directory, names[^1], out var status);
        if (found == -Errno.ENOENT || (found == 0 && isDirectory && status.Kind == FileKind.Directory))
        {
            return false;
        }

        LayerCalls.Check(found, "statx", names[^1]);
        _chain.Forget(names.Count - 1);
        var parent = _chain.Enter([.. names.Take(names.Count - 1)], makes: true)!;
        bool hidesLower = status.Kind == FileKind.Directory || OverlayMarks.Hides(parent, names[^1], status);
        LayerRemoval.Remove(parent, names[^1]);
        return hidesLower;
    }

    private void MakeDirectory(FileDescriptor parent, IReadOnlyList<byte[]> names, ArchiveEntry entry, bool hidesLower)
    {
        parent = _chain.Enter([.. names.Take(names.Count - 1)], makes: true)!;
        int made = DirectoryChanges.TryMakeDirectory(parent, names[^1], DirectoryModeAtWork);
        if (made != -Errno.EEXIST)
        {
            LayerCalls.Check(made, "mkdirat", names[^1]);
        }

        var directory = _chain.Enter(names, makes: false)!;
        if (hidesLower)
        {
            MakeOpaque(directory, names[^1]);
        }

        _directories[KeyOf(names)] = entry;
    }

    /// <summary>A hard link leads to what this layer has already, and nowhere else: the way there is walked as any other.</summary>
    private void LinkHard(ArchiveEntry entry, IReadOnlyList<byte[]> names)
    {
        var target = LayerPath.Parse(entry.Target, limits);
        using var away = new DirectoryChain(root, owners);
        var from = target.Count == 0 ? null : away.Enter([.. target.Take(target.Count - 1)], makes: false);
        if (from is null || FileStatus.TryGetEntry(from, target[^1], out var status) < 0 || status.Kind is not (FileKind.Regular or FileKind.SymbolicLink or FileKind.Fifo) || OverlayMarks.Hides(from, target[^1], status))
        {
            throw new ArchiveException($"the archive has a hard link to what it does not have: {entry.Name} to {Encoding.UTF8.GetString(entry.Target)}");
        }

        var to = _chain.Enter([.. names.Take(names.Count - 1)], makes: true)!;
        int linked = TreeChanges.TryLinkEntry(from, target[^1], to, names[^1]);
        if (linked == -Errno.EMLINK)
        {
            throw new ArchiveException($"the archive has more hard links to one file than this file system: {entry.Name}");
        }

        LayerCalls.Check(linked, "linkat", names[^1]);
    }

    private void WriteFile(TarArchive tar, FileDescriptor directory, byte[] name, ArchiveEntry entry)
    {
        using var place = BeneathRoot.Of(FileDescriptor.Duplicate(directory.Number), KeptOut.Nothing);
        int opened = place.TryOpenFile(name, new FileOpening { Access = FileAccess.Write, Create = true, Exclusive = true, Mode = 0x180 }, out _, out _);
        using var file = new FileDescriptor(LayerCalls.Check(opened, "openat2", name));
        long offset = 0;
        for (int read; (read = tar.Read(_buffer)) > 0; offset += read)
        {
            int written = FileContent.TryWriteAll(opened, _buffer.AsSpan(0, read), offset);
            LayerCalls.Check(written < read && written >= 0 ? -Errno.ENOSPC : written, "pwrite", name);
        }

        _fileBytes += offset;
        SetAttributes(opened, entry);
        // The owner first: a change of owner takes bits away.
        LayerCalls.Check(EntryChanges.TryChangeOwner(opened, owners.OnDisk(entry.Uid), owners.OnDisk(entry.Gid)), "fchown", name);
        LayerCalls.Check(FileContent.TryChangeMode(opened, owners.Mode(TarKind.File, entry.Mode)), "fchmod", name);
    }

    /// <summary>Of attributes only the user's own are kept, and none that an overlay would obey: those could lead it to another's files.</summary>
    private void SetAttributes(int file, ArchiveEntry entry)
    {
        if (entry.Attributes.Count > limits.MaxAttributes || entry.Attributes.Values.Any(value => value.Length > limits.MaxAttributeBytes))
        {
            throw new ArchiveException(string.Create(CultureInfo.InvariantCulture, $"{entry.Name} has more than {limits.MaxAttributes} extended attributes, or one of more than {limits.MaxAttributeBytes} bytes"));
        }

        foreach (var (name, value) in entry.Attributes)
        {
            if (name.StartsWith("user.", StringComparison.Ordinal) && !name.StartsWith("user.overlay.", StringComparison.Ordinal) && name.Length is > 5 and < 256 && !name.Contains('\0', StringComparison.Ordinal))
            {
                int result = TreeChanges.TrySetAttribute(file, name, value);
                LayerCalls.Check(result is -Errno.EOPNOTSUPP or -Errno.ENOSPC ? 0 : result, "setxattr", entry.Path);
            }
        }
    }

    private void HideLower(FileDescriptor directory, IReadOnlyList<byte[]> names, ReadOnlySpan<byte> hidden)
    {
        if (hidden.SequenceEqual(".wh..opq"u8))
        {
            MakeOpaque(directory, names[^1]);
            return;
        }

        if (hidden.StartsWith(Whiteout))
        {
            return; // What the first union file system kept for itself.
        }

        if (hidden.IsEmpty || hidden.SequenceEqual("."u8) || hidden.SequenceEqual(".."u8))
        {
            throw new ArchiveException("the archive hides an entry that has no name");
        }

        int found = FileStatus.TryGetEntry(directory, hidden, out var status);
        if (found == -Errno.ENOENT)
        {
            CheckMark(OverlayMarks.TryHide(directory, hidden), "mknodat", hidden);
        }
        else if (LayerCalls.Check(found, "statx", hidden) == 0 && status.Kind == FileKind.Directory)
        {
            // What the layer has itself stays; only what is beneath it is hidden.
            MakeOpaque(_chain.Enter([.. names.Take(names.Count - 1), hidden.ToArray()], makes: false)!, names[^1]);
        }
    }

    private static void MakeOpaque(FileDescriptor directory, byte[] name) =>
        CheckMark(OverlayMarks.TryMakeOpaque(directory), "setxattr", name);

    private static void CheckMark(int result, string call, ReadOnlySpan<byte> name)
    {
        if (result is -Errno.EPERM or -Errno.EOPNOTSUPP)
        {
            throw new ArchiveException($"the archive hides files of the layers beneath ({Encoding.UTF8.GetString(name)}), and the service's state directory can keep no mark of that ({call}: {Errno.Name(result)}); "
                + "have it on ext4, xfs or btrfs, or on an overlay with Linux 6.8 or later");
        }

        LayerCalls.Check(result, call, name);
    }

    private void FinishDirectories()
    {
        // The deepest first: what a directory has in it is done when it gets its time and may be closed to us.
        foreach (var (_, entry) in _directories.OrderByDescending(pair => pair.Key.Count(c => c == '/')).ThenByDescending(pair => pair.Key, StringComparer.Ordinal))
        {
            var names = LayerPath.Parse(entry.Path, limits);
            if (Find(names) is { } directory)
            {
                SetAttributes(directory.Number, entry);
                LayerCalls.Check(EntryChanges.TryChangeOwner(directory.Number, owners.OnDisk(entry.Uid), owners.OnDisk(entry.Gid)), "fchown", entry.Path);
                LayerCalls.Check(FileContent.TryChangeMode(directory.Number, owners.Mode(TarKind.Directory, entry.Mode)), "fchmod", entry.Path);
                SetModified(names, entry);
            }
        }
    }

    private void SetModified(IReadOnlyList<byte[]> names, ArchiveEntry entry)
    {
        if (names.Count > 0 && _chain.Enter([.. names.Take(names.Count - 1)], makes: false) is { } parent)
        {
            LayerCalls.Check(EntryChanges.TrySetModified(parent, names[^1], entry.ModifiedUnixNs), "utimensat", entry.Path);
        }
    }

    /// <summary>A directory that is still one; a later entry may have taken its place.</summary>
    private FileDescriptor? Find(IReadOnlyList<byte[]> names)
    {
        try
        {
            return _chain.Enter(names, makes: false);
        }
        catch (ArchiveException)
        {
            return null;
        }
    }

    private static string KeyOf(IReadOnlyList<byte[]> names) => string.Join('/', names.Select(Encoding.Latin1.GetString));
}
