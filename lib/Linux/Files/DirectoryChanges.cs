using System.Runtime.CompilerServices;
using Strata.Linux.Interop;

namespace Strata.Linux;

/// <summary>
/// Changes of names in open directories. A name is one part of a path: nothing is followed and nothing else is walked. Each answers 0 or a
/// negated <see cref="Errno"/>: EINVAL for a name that is empty or a path, ENAMETOOLONG, and what the call answers.
/// </summary>
[SkipLocalsInit]
public static unsafe class DirectoryChanges
{
    /// <summary>Makes a directory; EEXIST when anything has the name.</summary>
    /// <param name="directory">Where.</param>
    /// <param name="name">Its name.</param>
    /// <param name="mode">Permission bits, cut by the umask.</param>
    public static int TryMakeDirectory(FileDescriptor directory, ReadOnlySpan<byte> name, int mode)
    {
        byte* text = stackalloc byte[FileStatus.MaxNameBytes + 1];
        int result = Terminate(name, text);
        return result < 0 ? result : Libc.Result(Libc.mkdirat(directory.Number, text, (uint)mode));
    }

    /// <summary>Moves a name, links themselves included.</summary>
    /// <param name="from">Where it is.</param>
    /// <param name="name">The name.</param>
    /// <param name="to">Where it goes.</param>
    /// <param name="newName">Its name there.</param>
    /// <param name="replace">Whether it may take the place of what has that name; otherwise EEXIST, and EINVAL where the file system cannot promise that.</param>
    public static int TryRename(FileDescriptor from, ReadOnlySpan<byte> name, FileDescriptor to, ReadOnlySpan<byte> newName, bool replace)
    {
        byte* text = stackalloc byte[FileStatus.MaxNameBytes + 1];
        byte* newText = stackalloc byte[FileStatus.MaxNameBytes + 1];
        int result = Terminate(name, text);
        result = result < 0 ? result : Terminate(newName, newText);
        return result < 0 ? result
            : Libc.Result(Libc.renameat2(from.Number, text, to.Number, newText, replace ? 0 : Libc.RENAME_NOREPLACE));
    }

    /// <summary>Exchanges what two names have, in one step; ENOENT when one of them has nothing.</summary>
    /// <param name="first">Where the one is.</param>
    /// <param name="name">The one.</param>
    /// <param name="second">Where the other is.</param>
    /// <param name="otherName">The other.</param>
    public static int TryExchange(FileDescriptor first, ReadOnlySpan<byte> name, FileDescriptor second, ReadOnlySpan<byte> otherName)
    {
        byte* text = stackalloc byte[FileStatus.MaxNameBytes + 1];
        byte* otherText = stackalloc byte[FileStatus.MaxNameBytes + 1];
        int result = Terminate(name, text);
        result = result < 0 ? result : Terminate(otherName, otherText);
        return result < 0 ? result : Libc.Result(Libc.renameat2(first.Number, text, second.Number, otherText, Libc.RENAME_EXCHANGE));
    }

    /// <summary>Removes a name: a file or link, or an empty directory.</summary>
    /// <param name="directory">Where.</param>
    /// <param name="name">The name.</param>
    /// <param name="isDirectory">True removes a directory and nothing else, false anything else and no directory (EISDIR).</param>
    public static int TryRemove(FileDescriptor directory, ReadOnlySpan<byte> name, bool isDirectory)
    {
        byte* text = stackalloc byte[FileStatus.MaxNameBytes + 1];
        int result = Terminate(name, text);
        return result < 0 ? result : Libc.Result(Libc.unlinkat(directory.Number, text, isDirectory ? Libc.AT_REMOVEDIR : 0));
    }

    /// <summary>Gives an open file a further name; EEXIST when anything has it, EXDEV on another file system.</summary>
    /// <param name="file">The file, O_PATH or opened.</param>
    /// <param name="directory">Where.</param>
    /// <param name="name">The name.</param>
    public static int TryLink(FileDescriptor file, FileDescriptor directory, ReadOnlySpan<byte> name)
    {
        byte* text = stackalloc byte[FileStatus.MaxNameBytes + 1];
        byte* own = stackalloc byte[DescriptorPath.MaxBytes];
        DescriptorPath.Write(file.Number, own);
        int result = Terminate(name, text);
        return result < 0 ? result : Libc.Result(Libc.linkat(Libc.AT_FDCWD, own, directory.Number, text, Libc.AT_SYMLINK_FOLLOW));
    }

    /// <summary>Gives what has a name a further one, links themselves included; EEXIST when anything has it, EXDEV on another file system.</summary>
    /// <param name="from">Where it is.</param>
    /// <param name="name">The name.</param>
    /// <param name="to">Where the further name goes.</param>
    /// <param name="newName">The further name.</param>
    public static int TryLinkEntry(FileDescriptor from, ReadOnlySpan<byte> name, FileDescriptor to, ReadOnlySpan<byte> newName)
    {
        byte* text = stackalloc byte[FileStatus.MaxNameBytes + 1];
        byte* newText = stackalloc byte[FileStatus.MaxNameBytes + 1];
        int result = Terminate(name, text);
        result = result < 0 ? result : Terminate(newName, newText);
        return result < 0 ? result : Libc.Result(Libc.linkat(from.Number, text, to.Number, newText, 0));
    }

    /// <summary>Waits until the names in a directory are on disk.</summary>
    /// <param name="directory">The directory, O_PATH or opened.</param>
    public static int TrySync(FileDescriptor directory)
    {
        byte* own = stackalloc byte[DescriptorPath.MaxBytes];
        DescriptorPath.Write(directory.Number, own);
        int opened = Libc.Result(Libc.openat(Libc.AT_FDCWD, own, Libc.O_RDONLY | Libc.O_DIRECTORY | Libc.O_CLOEXEC, 0));
        if (opened < 0)
        {
            return opened;
        }

        int result = Libc.Result(Libc.fsync(opened));
        _ = Libc.close(opened);
        return result;
    }

    internal static int Terminate(ReadOnlySpan<byte> name, byte* text)
    {
        if (name.IsEmpty || name.ContainsAny((byte)'/', (byte)0) || name.SequenceEqual("."u8) || name.SequenceEqual(".."u8))
        {
            return -Errno.EINVAL;
        }

        if (name.Length > FileStatus.MaxNameBytes)
        {
            return -Errno.ENAMETOOLONG;
        }

        name.CopyTo(new Span<byte>(text, FileStatus.MaxNameBytes));
        text[name.Length] = 0;
        return 0;
    }
}
