using Strata.Linux.Interop;

namespace Strata.Linux;

/// <summary>Binds a socket to a path with an exact mode.</summary>
internal static unsafe class BoundSocket
{
    /// <summary>
    /// bind creates the path with the socket inode's own mode cut by the umask, so fchmod beforehand means that the path is never wider
    /// than asked. What the umask took is given back afterwards, on the very inode that was bound, before anybody can connect.
    /// </summary>
    internal static void Bind(int socket, in UnixSocketAddress address, string path, int mode, uint? group = null)
    {
        LinuxException.Check(Libc.Result(Libc.fchmod(socket, (uint)mode)), "fchmod", path);
        byte* raw = stackalloc byte[UnixSocketAddress.StorageBytes];
        address.CopyTo(raw);
        LinuxException.Check(Libc.Result(Libc.bind(socket, raw, address.Length)), "bind", path);
        if (path[0] != '@')
        {
            Own(path, mode, group);
        }
    }

    /// <summary>Gives the socket at a path exactly this mode, and a group if one is named; the path is walked once.</summary>
    internal static void Own(string path, int mode, uint? group)
    {
        using FileDescriptor inode = OpenPath(path);
        LinuxException.Check(FileStatus.TryGet(inode.Number, out FileStatus status), "statx", path);
        if (status.Kind != FileKind.Socket)
        {
            throw new LinuxException(Errno.EEXIST, "the bound socket was replaced by something else: bind", path);
        }

        // Not asked of the kernel needlessly: a hardened unit denies the call whoever owns the socket.
        if (group is { } gid && status.Gid != gid)
        {
            byte nothing = 0;
            // Nobody is let in by the mode of one and the group of the other.
            ChangeMode(inode, path, status.Mode & mode & 0x1C7);
            LinuxException.Check(Libc.Result(Libc.fchownat(inode.Number, &nothing, uint.MaxValue, gid, Libc.AT_EMPTY_PATH)), "chown", path);
            ChangeMode(inode, path, mode);
        }
        else if (status.Mode != mode)
        {
            ChangeMode(inode, path, mode);
        }
    }

    private static void ChangeMode(FileDescriptor inode, string path, int mode)
    {
        // fchmod refuses O_PATH descriptors; the magic link leads to the same inode without walking the path again.
        fixed (byte* link = Libc.CString($"/proc/self/fd/{inode.Number}"))
        {
            LinuxException.Check(Libc.Result(Libc.chmod(link, (uint)mode)), "chmod", path);
        }
    }

    private static FileDescriptor OpenPath(string path)
    {
        fixed (byte* name = Libc.CString(path))
        {
            int flags = Libc.O_PATH | Libc.O_NOFOLLOW | Libc.O_CLOEXEC;
            return new FileDescriptor(LinuxException.Check(Libc.Result(Libc.openat(Libc.AT_FDCWD, name, flags, 0)), "open", path));
        }
    }
}
