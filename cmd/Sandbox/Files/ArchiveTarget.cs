using System.Formats.Tar;
using System.Text;
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
                using var tar = new TarReader(archive, leaveOpen: true);
                while (tar.GetNextEntry() is { } entry)
                {
                    ends.ThrowIfCancellationRequested();
                    Unpack(directory, entry);
                }

                Drain(archive);
            }
            catch (Exception e) when (e is InvalidDataException or EndOfStreamException or FormatException or ArgumentException)
            {
                throw Refused($"the archive is no tar archive, or is cut short, behind entry {_entries}");
            }
        }

        return _entries;
    }

    private void Unpack(FileDescriptor directory, TarEntry entry)
    {
        limits.Check(++_entries, _bytes += Math.Max(entry.Length, 0));
        if (entry.EntryType is TarEntryType.GlobalExtendedAttributes)
        {
            return;
        }

        var parts = PartsOf(entry.Name, entry.Name);
        if (parts.Count == 0)
        {
            // The directory itself, as ./ has it.
            return;
        }

        var name = parts[^1];
        space.Allowance?.Take(Math.Max(entry.Length, 0), 1);
        using var parent = OpenParent(directory, parts, entry.Name);
        var result = entry.EntryType switch
        {
            TarEntryType.Directory => space.RunAs(() => MakeDirectory(parent, name, ModeOf(entry))),
            TarEntryType.RegularFile or TarEntryType.V7RegularFile or TarEntryType.ContiguousFile => WriteFile(parent, name, entry),
            TarEntryType.SymbolicLink => space.RunAs(() => Replace(parent, name, () => EntryChanges.TryMakeLink(parent, name, Encoding.UTF8.GetBytes(entry.LinkName)))),
            TarEntryType.HardLink => Link(directory, parent, name, entry),
            _ => throw Refused($"'{Shown(entry.Name)}' is a {entry.EntryType}, which no archive brings into a sandbox; leave it out"),
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

    private int WriteFile(FileDescriptor parent, byte[] name, TarEntry entry)
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
        while (entry.DataStream is { } content && content.Read(_buffer) is var count and > 0)
        {
            ends.ThrowIfCancellationRequested();
            var written = FileContent.TryWriteAll(opened, _buffer.AsSpan(0, count), position);
            if (written < count)
            {
                return written < 0 ? written : -Errno.ENOSPC;
            }

            position += count;
        }

        return space.RunAs(() =>
        {
            _ = EntryChanges.TrySetModified(parent, name, entry.ModificationTime.ToUniversalTime().Subtract(DateTimeOffset.UnixEpoch).Ticks * TimeSpan.NanosecondsPerTick);
            return FileContent.TryChangeMode(opened, ModeOf(entry));
        });
    }

    private int Link(FileDescriptor directory, FileDescriptor parent, byte[] name, TarEntry entry)
    {
        var parts = PartsOf(entry.LinkName, entry.Name);
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

    private List<byte[]> PartsOf(string text, string entryName)
    {
        if (text.StartsWith('/') || text.Contains('\0', StringComparison.Ordinal) || Encoding.UTF8.GetByteCount(text) > ArchiveLimits.MaxPathBytes)
        {
            throw Refused($"'{Shown(entryName)}' has a path that begins with a slash, holds a NUL or is longer than {ArchiveLimits.MaxPathBytes} bytes; pack it with relative paths");
        }

        var parts = text.Split('/', StringSplitOptions.RemoveEmptyEntries).Where(static p => p != ".").ToList();
        return parts.Contains("..") ? throw Refused($"'{Shown(entryName)}' has a path that leads upward; pack it without ..")
            : parts.Count > limits.MaxDepth ? throw Refused($"'{Shown(entryName)}' has more than {limits.MaxDepth} parts")
            : parts.ConvertAll(static p => Encoding.UTF8.GetBytes(p));
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
    private static int ModeOf(TarEntry entry) => (int)entry.Mode & 0x1FF;

    private static string Shown(string name) => name.Length <= 100 ? name : name[..100] + "...";

    private static SandboxException Refused(string message) => new(ErrorCode.InvalidArgument, SandboxReasons.ArchiveRefused, message);
}
