using Strata.Linux;

namespace Strata.Hosting;

/// <summary>
/// Copies a tree as it is: content (blocks shared where the file system can), holes, links, hard links, owners, modes, times, extended attributes and the marks by which an overlay says
/// that something is gone. Follows no link and enters no mount. Sockets are left out: nobody listens on a copy.
/// </summary>
/// <param name="maxEntries">Most entries.</param>
/// <param name="maxBytes">Most bytes of content.</param>
/// <param name="cancellation">Ends it between two turns.</param>
internal sealed class TreeCopy(long maxEntries, long maxBytes, CancellationToken cancellation)
{
    /// <summary>The answer when there is more than may be: no error number of the kernel.</summary>
    internal const int TooLarge = -4097;

    /// <summary>The answer for an overlay whose directories were moved in a way that only itself understands.</summary>
    internal const int Redirected = -4098;

    /// <summary>The deepest directory; each open one costs descriptors.</summary>
    internal const int MaxDepth = 256;

    private const int OwnDirectoryMode = 0x1C0; // 0700
    private const int OwnFileMode = 0x180; // 0600

    private readonly Dictionary<(ulong Device, ulong Inode), byte[]> _linked = [];
    private bool _over;
    private bool _keepsMarks;
    private readonly bool _keepsOwners = UserId.Effective == 0;

    /// <summary>Entries copied.</summary>
    internal long Entries { get; private set; }

    /// <summary>Bytes of content copied or shared.</summary>
    internal long Bytes { get; private set; }

    /// <summary>Copies what is in a directory into another one that is empty, and what the directory itself carries.</summary>
    /// <returns>0, <see cref="TooLarge"/>, or a negated <see cref="Errno"/>.</returns>
    /// <exception cref="OperationCanceledException">It was ended.</exception>
    internal int Run(FileDescriptor from, FileDescriptor to) => Run(from, to, over: false, keepsMarks: true);

    /// <summary>Copies the upper part of an overlay onto what was copied of the part beneath: afterwards the copy is what both were together.</summary>
    /// <param name="from">The upper part.</param>
    /// <param name="to">The copy.</param>
    /// <param name="keepsMarks">Whether there is more beneath, of which something may be gone as well.</param>
    /// <returns>As of <see cref="Run(FileDescriptor, FileDescriptor)"/>; <see cref="Redirected"/> when a directory says that it lies elsewhere beneath.</returns>
    internal int RunOver(FileDescriptor from, FileDescriptor to, bool keepsMarks) => Run(from, to, over: true, keepsMarks);

    private int Run(FileDescriptor from, FileDescriptor to, bool over, bool keepsMarks)
    {
        (_over, _keepsMarks) = (over, keepsMarks);
        _linked.Clear();
        var result = FileStatus.TryGet(from.Number, out var status);
        result = result < 0 ? result : CopyContent(from, to, to, [], 0);
        return result < 0 ? result : Carry(from.Number, to.Number, status);
    }

    private int CopyContent(FileDescriptor from, FileDescriptor to, FileDescriptor top, byte[] prefix, int depth)
    {
        using var reader = new DirectoryReader(FileDescriptor.Duplicate(from.Number));
        _ = reader.TrySeek(0);
        int found;
        while ((found = reader.TryNext(out var entry)) == 1)
        {
            cancellation.ThrowIfCancellationRequested();
            var name = entry.Name.ToArray();
            var result = FileStatus.TryGetEntry(from, name, out var status);
            result = result < 0 ? result : ++Entries > maxEntries ? TooLarge : CopyEntry(from, to, top, name, [.. prefix, .. name], status, depth);
            if (result < 0)
            {
                return result;
            }
        }

        return found;
    }

    private int CopyEntry(FileDescriptor from, FileDescriptor to, FileDescriptor top, byte[] name, byte[] path, FileStatus status, int depth)
    {
        var result = _over ? MakeRoom(from, to, name, status) : 0;
        if (result < 0)
        {
            return result;
        }

        if (OverlayMarks.Hides(from, name, status))
        {
            return _over && !_keepsMarks ? 0 : OverlayMarks.TryHide(to, name);
        }

        if (status.Links > 1 && status.Kind != FileKind.Directory && _linked.TryGetValue((status.Device, status.Inode), out var first))
        {
            return Link(top, first, to, name);
        }

        result = status.Kind switch
        {
            FileKind.Directory => CopyDirectory(from, to, top, name, path, status, depth),
            FileKind.Regular => CopyFile(from, to, name, status),
            FileKind.SymbolicLink => CopyLink(from, to, name),
            FileKind.Fifo => EntryChanges.TryMakeSpecial(to, name, FileKind.Fifo),
            _ => Left,
        };
        if (result is < 0 or Left)
        {
            return Math.Min(result, 0);
        }

        if (status.Links > 1 && status.Kind != FileKind.Directory)
        {
            _linked[(status.Device, status.Inode)] = path;
        }

        result = _keepsOwners && status.Kind is not (FileKind.Directory or FileKind.Regular) ? EntryChanges.TryChangeOwner(to, name, status.Uid, status.Gid) : 0;
        return result < 0 ? result : EntryChanges.TrySetModified(to, name, status.ModifiedUnixNs);
    }

    /// <summary>Removes what the copy has of this name, unless it is a directory that goes on in this one.</summary>
    private static int MakeRoom(FileDescriptor from, FileDescriptor to, byte[] name, FileStatus status)
    {
        if (FileStatus.TryGetEntry(to, name, out var there) == -Errno.ENOENT)
        {
            return 0;
        }

        if (status.Kind == FileKind.Directory && there.Kind == FileKind.Directory)
        {
            var opened = Open(from, name, status, static (directory, n) => BeneathRoot.TryDescend(directory, n, KeptOut.Nothing));
            if (opened < 0)
            {
                return opened;
            }

            using var directory = new FileDescriptor(opened);
            if (OverlayMarks.IsRedirected(directory))
            {
                return Redirected;
            }

            if (!OverlayMarks.IsOpaque(directory))
            {
                return 0;
            }
        }

        return new TreeRemoval(int.MaxValue, CancellationToken.None).Run(to, name, KeptOut.Nothing);
    }

    // Beside 0 and negated error numbers: it has no copy.
    private const int Left = 1;

    private static int Link(FileDescriptor top, byte[] first, FileDescriptor to, byte[] name)
    {
        using var root = BeneathRoot.Of(FileDescriptor.Duplicate(top.Number), KeptOut.Nothing);
        var opened = root.TryOpenParent(first, out var firstName);
        if (opened < 0)
        {
            return opened;
        }

        using var parent = new FileDescriptor(opened);
        return DirectoryChanges.TryLinkEntry(parent, firstName, to, name);
    }

    private int CopyDirectory(FileDescriptor from, FileDescriptor to, FileDescriptor top, byte[] name, byte[] path, FileStatus status, int depth)
    {
        if (depth >= MaxDepth)
        {
            return -Errno.ENAMETOOLONG;
        }

        var opened = Open(from, name, status, static (directory, n) => BeneathRoot.TryDescend(directory, n, KeptOut.Nothing));
        if (opened < 0)
        {
            return opened;
        }

        using var source = new FileDescriptor(opened);
        var made = DirectoryChanges.TryMakeDirectory(to, name, OwnDirectoryMode);
        made = made < 0 && !(_over && made == -Errno.EEXIST) ? made : BeneathRoot.TryDescend(to, name, KeptOut.Nothing);
        if (made < 0)
        {
            return made;
        }

        using var target = new FileDescriptor(made);
        var result = CopyContent(source, target, top, [.. path, (byte)'/'], depth + 1);
        return result < 0 ? result : Carry(source.Number, target.Number, status);
    }

    private int CopyFile(FileDescriptor from, FileDescriptor to, byte[] name, FileStatus status)
    {
        var opened = Open(from, name, status, static (directory, n) => BeneathRoot.TryOpenEntry(directory, n, out _));
        if (opened < 0)
        {
            return opened;
        }

        using var source = new FileDescriptor(opened);
        using var directory = BeneathRoot.Of(FileDescriptor.Duplicate(to.Number), KeptOut.Nothing);
        var made = directory.TryOpenFile(name, new FileOpening { Access = FileAccess.ReadWrite, Create = true, Exclusive = true, Mode = OwnFileMode }, out _, out _);
        if (made < 0)
        {
            return made;
        }

        using var target = new FileDescriptor(made);
        var copy = new ContentCopy(made, status.SizeBytes);
        var before = Bytes;
        int result;
        do
        {
            cancellation.ThrowIfCancellationRequested();
            result = copy.Step(opened);
            Bytes = before + (copy.IsReflink ? status.SizeBytes : copy.Copied);
        }
        while (result > 0 && Bytes <= maxBytes);
        result = result < 0 ? result : Bytes > maxBytes ? TooLarge : copy.Finish();
        return result < 0 ? result : Carry(opened, made, status);
    }

    private static int CopyLink(FileDescriptor from, FileDescriptor to, byte[] name)
    {
        var read = EntryChanges.TryReadLink(from, name, out var target);
        return read < 0 ? read : EntryChanges.TryMakeLink(to, name, target);
    }

    /// <summary>Opens what its owner, who we are, has taken his own rights from.</summary>
    private static int Open(FileDescriptor directory, byte[] name, FileStatus status, Func<FileDescriptor, byte[], int> open)
    {
        var opened = open(directory, name);
        if (opened != -Errno.EACCES || status.Uid != UserId.Effective)
        {
            return opened;
        }

        using var parent = BeneathRoot.Of(FileDescriptor.Duplicate(directory.Number), KeptOut.Nothing);
        var found = parent.TryFind(name, out var now);
        if (found < 0)
        {
            return found;
        }

        using var file = new FileDescriptor(found);
        if (now.Inode != status.Inode || FileContent.TryChangeMode(found, status.Mode | OwnDirectoryMode) < 0)
        {
            return opened;
        }

        opened = open(directory, name);
        _ = FileContent.TryChangeMode(found, status.Mode);
        return opened;
    }

    // The owner first: a change of owner takes the bits and attributes away that lend authority.
    private int Carry(int from, int to, FileStatus status)
    {
        var result = _keepsOwners ? EntryChanges.TryChangeOwner(to, status.Uid, status.Gid) : 0;
        result = result < 0 ? result : EntryChanges.TryCopyAttributes(from, to, _keepsMarks);
        return result < 0 ? result : FileContent.TryChangeMode(to, status.Mode);
    }
}
