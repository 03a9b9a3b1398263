using Strata.Hosting;
using Strata.Ipc;
using Strata.Linux;

namespace Strata.Sandbox;

/// <summary>
/// Unpacks a tar archive in a directory of a tree. Nothing in it can reach out of that directory: an entry's path has no <c>..</c>, does not begin with a slash and leads through no link, whether
/// the archive made it or somebody inside does meanwhile; a hard link's target is looked for by the same rules. Devices and FIFOs are refused. Links are made as they are said, and followed by nobody here.
/// </summary>
internal sealed class ArchiveTarget(FileSpace space, string path, ArchiveLimits limits, CancellationToken ends)
{
    private const int BufferBytes = 256 * 1024;

    private readonly byte[] _buffer = new byte[BufferBytes];
    private int _entries;
    private long _bytes;

    /// <summary>Unpacks all and tells how many entries there were.</summary>
    internal int Run(Stream archive)
    {
        var target = space.Resolve(path);
        SandboxFileErrors.Check(space.Run(root => Entries.MakeDirectories(root, target, Entries.UsualDirectoryMode)));
        using (var directory = new FileDescriptor(SandboxFileErrors.Check(space.Run(root => root.TryOpenDirectory(target, out _)))))
        {
            try
            {
                var tar = new TarArchive(archive);
                while (tar.Next() is { } entry)
                {
                    ends.ThrowIfCancellationRequested();
                    Unpack(tar, directory, entry);
                }

                Drain(archive);
            }
            catch (ArchiveException e)
            {
                throw Refused($"{e.Message} (behind entry {_entries})");
            }
        }

        return _entries;
    }

    private void Unpack(TarArchive tar, FileDescriptor directory, ArchiveEntry entry)
    {
        limits.Check(++_entries, _bytes += entry.SizeBytes);
        var parts = PartsOf(entry.Path, entry.Name);
        if (parts.Count == 0)
        {
            // The directory itself, as ./ has it.
            return;
        }

        var name = parts[^1];
        space.Allowance?.Take(entry.SizeBytes, 1);
        using var parent = OpenParent(directory, parts, entry.Name);
        var result = entry.Kind switch
        {
            TarKind.Directory => space.RunAs(() => MakeDirectory(parent, name, ModeOf(entry))),
            TarKind.File => WriteFile(tar, parent, name, entry),
            TarKind.Link => space.RunAs(() => Replace(parent, name, () => EntryChanges.TryMakeLink(parent, name, entry.Target))),
            TarKind.HardLink => Link(directory, parent, name, entry),
            _ => throw Refused($"'{Shown(entry.Name)}' is a {(entry.Kind == TarKind.Fifo ? "FIFO" : "device")}, which no archive brings into a sandbox; leave it out"),
        };
        if (result < 0)
        {
            var error = SandboxFileErrors.Of(result);
            throw new SandboxException(error.Code, error.Reason, $"'{Shown(entry.Name)}' in the archive: {error.Message}");
        }
    }

    /// <summary>Opens the directory of an entry, and makes what is missing: part by part, through no link and into no mount.</summary>
    private FileDescriptor OpenParent(FileDescriptor directory, List<byte[]> parts, string entryName)
    {
        var current = FileDescriptor.Duplicate(directory.Number);
        foreach (var part in parts.Take(parts.Count - 1))
        {
            var at = current;
            var opened = space.RunAs(() =>
            {
                var found = BeneathRoot.TryDescend(at, part, KeptOut.Nothing);
                var made = found == -Errno.ENOENT ? DirectoryChanges.TryMakeDirectory(at, part, Entries.UsualDirectoryMode) : found;
                return found != -Errno.ENOENT ? found : made is < 0 and not -Errno.EEXIST ? made : BeneathRoot.TryDescend(at, part, KeptOut.Nothing);
            });
            at.Dispose();
            current = opened >= 0 ? new FileDescriptor(opened)
                : opened is -Errno.ELOOP or -Errno.ENOTDIR ? throw Refused($"'{Shown(entryName)}' leads through a link or a file; an archive's paths lead through directories alone")
                : throw SandboxFileErrors.Of(opened);
        }

        return current;
    }

    private int WriteFile(TarArchive tar, FileDescriptor parent, byte[] name, ArchiveEntry entry)
    {
        var opened = space.RunAs(() => Replace(parent, name, () =>
        {
            using var at = BeneathRoot.Of(FileDescriptor.Duplicate(parent.Number), KeptOut.Nothing);
            return at.TryOpenFile(name, new FileOpening { Access = FileAccess.Write, Create = true, Exclusive = true, Mode = 0x180 }, out _, out _);
        }));
        if (opened < 0)
        {
            return opened;
        }

        using var file = new FileDescriptor(opened);
        long position = 0;
        for (int count; (count = tar.Read(_buffer)) > 0; position += count)
        {
            ends.ThrowIfCancellationRequested();
            var written = FileContent.TryWriteAll(opened, _buffer.AsSpan(0, count), position);
            if (written < count)
            {
                return written < 0 ? written : -Errno.ENOSPC;
            }
        }

        return space.RunAs(() =>
        {
            _ = EntryChanges.TrySetModified(parent, name, entry.ModifiedUnixNs);
            return FileContent.TryChangeMode(opened, ModeOf(entry));
        });
    }

    private int Link(FileDescriptor directory, FileDescriptor parent, byte[] name, ArchiveEntry entry)
    {
        var parts = PartsOf(entry.Target, entry.Name);
        if (parts.Count == 0)
        {
            return -Errno.EISDIR;
        }

        using var at = OpenParent(directory, parts, entry.Name);
        return space.RunAs(() =>
        {
            var found = BeneathRoot.TryOpenEntry(at, parts[^1], out _);
            if (found < 0)
            {
                return found;
            }

            using var file = new FileDescriptor(found);
            return Replace(parent, name, () => DirectoryChanges.TryLink(file, parent, name));
        });
    }

    private static int MakeDirectory(FileDescriptor parent, byte[] name, int mode)
    {
        var made = DirectoryChanges.TryMakeDirectory(parent, name, mode);
        if (made is < 0 and not -Errno.EEXIST)
        {
            return made;
        }

        var opened = BeneathRoot.TryDescend(parent, name, KeptOut.Nothing);
        if (opened < 0)
        {
            return opened;
        }

        using var directory = new FileDescriptor(opened);
        // One that was there is perhaps another's, and stays as it is.
        return made == 0 ? FileContent.TryChangeMode(opened, mode) : 0;
    }

    /// <summary>Makes a name, in the place of a file or link that has it.</summary>
    private static int Replace(FileDescriptor parent, byte[] name, Func<int> make)
    {
        var result = make();
        if (result != -Errno.EEXIST)
        {
            return result;
        }

        var removed = DirectoryChanges.TryRemove(parent, name, isDirectory: false);
        return removed is < 0 and not -Errno.ENOENT ? removed : make();
    }

    private List<byte[]> PartsOf(ReadOnlySpan<byte> path, string entryName)
    {
        if (path.StartsWith("/"u8) || path.Contains((byte)0) || path.Length > ArchiveLimits.MaxPathBytes)
        {
            throw Refused($"'{Shown(entryName)}' has a path that begins with a slash, holds a NUL or is longer than {ArchiveLimits.MaxPathBytes} bytes; pack it with relative paths");
        }

        var parts = new List<byte[]>();
        foreach (var range in path.Split((byte)'/'))
        {
            if (path[range] is { IsEmpty: false } part && !part.SequenceEqual("."u8))
            {
                parts.Add(part.SequenceEqual(".."u8) ? throw Refused($"'{Shown(entryName)}' has a path that leads upward; pack it without ..") : part.ToArray());
            }
        }

        return parts.Count <= limits.MaxDepth ? parts : throw Refused($"'{Shown(entryName)}' has more than {limits.MaxDepth} parts");
    }

    // What follows the end of an archive is padding; a sender that is not done with it is not broken off.
    private void Drain(Stream archive)
    {
        while (archive.Read(_buffer) > 0)
        {
            ends.ThrowIfCancellationRequested();
        }
    }

    // Bits that lend out an owner's authority are not an archive's to give.
    private static int ModeOf(ArchiveEntry entry) => entry.Mode & 0x1FF;

    private static string Shown(string name) => name.Length <= 100 ? name : name[..100] + "...";

    private static SandboxException Refused(string message) => new(ErrorCode.InvalidArgument, SandboxReasons.ArchiveRefused, message);
}
