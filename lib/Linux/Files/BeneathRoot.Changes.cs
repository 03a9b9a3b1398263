using Strata.Linux.Interop;

namespace Strata.Linux;

/// <content>Opening to change. A name is made, moved or removed in a directory that was opened beneath the root, never by a path.</content>
public sealed unsafe partial class BeneathRoot
{
    /// <summary>How often opening and making take turns when the name comes and goes.</summary>
    private const int MaxTurns = 8;

    /// <summary>Opens or makes a regular file. FIFOs, sockets and devices are refused at once, without being opened.</summary>
    /// <param name="path">A relative path, raw bytes.</param>
    /// <param name="opening">How.</param>
    /// <param name="status">The file's status when the result is a descriptor.</param>
    /// <param name="made">Whether it was made.</param>
    /// <returns>
    /// A descriptor (close-on-exec), or a negated <see cref="Errno"/> as of <see cref="TryOpenFile(ReadOnlySpan{byte}, out FileStatus)"/>; also EEXIST: an exclusive
    /// name is taken, or a link that leads nowhere has it; EROFS; ENOSPC; EDQUOT; ETXTBSY.
    /// </returns>
    public int TryOpenFile(ReadOnlySpan<byte> path, in FileOpening opening, out FileStatus status, out bool made)
    {
        made = false;
        int flags = FlagsOf(opening);
        for (int turn = 0; turn < MaxTurns; turn++)
        {
            if (!opening.Exclusive)
            {
                int located = TryLocate(path, out status);
                if (located >= 0)
                {
                    return Reopen(located, VerdictOn(status.Kind), flags | (opening.Truncate ? Libc.O_TRUNC : 0));
                }

                if (located != -Errno.ENOENT || !opening.Create)
                {
                    return located;
                }
            }

            // Located above; where nothing may be located first, the directory it would be in is judged.
            int verdict = opening.Exclusive ? Judge(-Errno.ENOENT, path) : -Errno.ENOENT;
            if (verdict != -Errno.ENOENT)
            {
                status = default;
                return verdict;
            }

            // O_EXCL makes sure that what is opened here is a new regular file: nothing that somebody put there meanwhile, and no link's target.
            int opened = Resolve(path, flags | Libc.O_CREAT | Libc.O_EXCL | Libc.O_NOFOLLOW | Libc.O_CLOEXEC, opening.Mode);
            if (opened >= 0)
            {
                made = true;
                int result = FileStatus.TryGet(opened, out status);
                return result < 0 ? CloseWith(opened, result) : opened;
            }

            if (opened != -Errno.EEXIST || opening.Exclusive)
            {
                status = default;
                return opened;
            }
        }

        status = default;
        return -Errno.EEXIST;
    }

    /// <summary>Opens the directory that a path's last name stands in, which itself is not looked at.</summary>
    /// <param name="path">A relative path, raw bytes.</param>
    /// <param name="name">The last name when the result is a descriptor.</param>
    /// <returns>A descriptor (O_PATH, close-on-exec), or a negated <see cref="Errno"/>; EBUSY: the path is the root itself, or ends in a dot.</returns>
    public int TryOpenParent(ReadOnlySpan<byte> path, out ReadOnlySpan<byte> name)
    {
        int slash = path.LastIndexOf((byte)'/');
        name = path[(slash + 1)..];
        if (name.IsEmpty || name.SequenceEqual("."u8) || name.SequenceEqual(".."u8))
        {
            return -Errno.EBUSY;
        }

        var parent = slash < 0 ? "."u8 : path[..slash];
        return Judge(Resolve(parent, PathOnly | Libc.O_DIRECTORY), parent);
    }

    /// <summary>Whether a name may be changed: what has it is judged itself, a link not followed.</summary>
    /// <param name="directory">A directory opened beneath the root.</param>
    /// <param name="name">A name in it.</param>
    /// <returns>0, also when nothing has the name; <see cref="KeptOut.Refused"/>; or a negated <see cref="Errno"/>.</returns>
    public int JudgeEntry(FileDescriptor directory, ReadOnlySpan<byte> name)
    {
        if (KeptOut.IsNothing)
        {
            return 0;
        }

        int located = Resolve(directory.Number, name, PathOnly | Libc.O_NOFOLLOW, 0, Libc.RESOLVE_BENEATH);
        return located == -Errno.ENOENT ? 0 : located < 0 ? located : CloseWith(located, KeptOut.Judge(located));
    }

    /// <summary>Finds what a path leads to, links followed, without opening it.</summary>
    /// <param name="path">A relative path, raw bytes.</param>
    /// <param name="status">Its status when the result is a descriptor.</param>
    /// <returns>A descriptor (O_PATH, close-on-exec), or a negated <see cref="Errno"/>.</returns>
    public int TryFind(ReadOnlySpan<byte> path, out FileStatus status) => TryLocate(path, out status);

    /// <summary>Opens a directory that stands in another: no link is followed and no mount point entered.</summary>
    /// <param name="directory">The other.</param>
    /// <param name="name">A name in it.</param>
    /// <param name="keptOut">What is not entered.</param>
    /// <returns>
    /// A descriptor (close-on-exec), or a negated <see cref="Errno"/>: ENOTDIR or ELOOP for anything else, EXDEV for a mount point; <see cref="KeptOut.Refused"/>.
    /// </returns>
    public static int TryDescend(FileDescriptor directory, ReadOnlySpan<byte> name, KeptOut keptOut)
    {
        if (name.Contains((byte)'/'))
        {
            return -Errno.EINVAL;
        }

        int flags = Libc.O_RDONLY | Libc.O_DIRECTORY | Libc.O_NOFOLLOW | Libc.O_NONBLOCK | Libc.O_CLOEXEC;
        int opened = Resolve(directory.Number, name, flags, 0, Libc.RESOLVE_BENEATH | Libc.RESOLVE_NO_SYMLINKS | Libc.RESOLVE_NO_XDEV);
        int verdict = opened < 0 ? 0 : keptOut.Judge(opened);
        return verdict < 0 ? CloseWith(opened, verdict) : opened;
    }

    /// <summary>Opens a regular file that stands in a directory: no link is followed, and nothing that is no file is opened.</summary>
    /// <param name="directory">The directory.</param>
    /// <param name="name">A name in it.</param>
    /// <param name="status">The file's status when the result is a descriptor.</param>
    /// <returns>A descriptor to read (close-on-exec), or a negated <see cref="Errno"/>: ELOOP for a link, EISDIR, EOPNOTSUPP for a FIFO, socket or device.</returns>
    public static int TryOpenEntry(FileDescriptor directory, ReadOnlySpan<byte> name, out FileStatus status)
    {
        int located = Resolve(directory.Number, name, PathOnly | Libc.O_NOFOLLOW, 0, Libc.RESOLVE_BENEATH | Libc.RESOLVE_NO_SYMLINKS);
        status = default;
        if (located < 0)
        {
            return located;
        }

        int result = FileStatus.TryGet(located, out status);
        return result < 0 ? CloseWith(located, result) : Reopen(located, VerdictOn(status.Kind), Libc.O_RDONLY | Libc.O_NOCTTY | Libc.O_NONBLOCK);
    }

    private static int FlagsOf(in FileOpening opening) => Libc.O_NOCTTY | Libc.O_NONBLOCK | (opening.Append ? Libc.O_APPEND : 0) | opening.Access switch
    {
        FileAccess.Read => Libc.O_RDONLY,
        FileAccess.Write => Libc.O_WRONLY,
        _ => Libc.O_RDWR,
    };
}
