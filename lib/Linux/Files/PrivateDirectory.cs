using Strata.Linux.Interop;

namespace Strata.Linux;

/// <summary>Directories that hold secrets or sockets: made with an exact mode, trusted only after a look at owner, mode and kind.</summary>
public static unsafe class PrivateDirectory
{
    /// <summary>Makes the directory when it is missing (its parent must exist) and checks it in any case.</summary>
    /// <param name="path">The directory's path; its last part must not be a link.</param>
    /// <param name="mode">Exact bits for a new directory, the widest acceptable for an existing one.</param>
    /// <returns>The directory, open for reading: use it with <c>…at</c> calls and for syncing.</returns>
    /// <exception cref="UnsafeDirectoryException">It is a link or no directory, belongs to somebody else, or is open wider than <paramref name="mode"/>.</exception>
    /// <exception cref="LinuxException">ENOENT for a missing parent, EACCES, ...</exception>
    public static FileDescriptor Ensure(string path, int mode)
    {
        fixed (byte* name = Libc.CString(path.Length > 1 ? path.TrimEnd('/') : path))
        {
            // Narrow at first: until fchmod gives the exact mode nobody else can enter, whatever the umask.
            int made = Libc.Result(Libc.mkdirat(Libc.AT_FDCWD, name, (uint)mode & 0x1c0));
            if (made != -Errno.EEXIST)
            {
                LinuxException.Check(made, "mkdir", path);
            }

            int flags = Libc.O_RDONLY | Libc.O_DIRECTORY | Libc.O_NOFOLLOW | Libc.O_CLOEXEC;
            int opened = Libc.Result(Libc.openat(Libc.AT_FDCWD, name, flags, 0));
            if (opened is -Errno.ELOOP or -Errno.ENOTDIR)
            {
                throw new UnsafeDirectoryException(path, "is a symbolic link or not a directory; put a real directory there");
            }

            var directory = new FileDescriptor(LinuxException.Check(opened, "open", path));
            try
            {
                Check(directory, path, mode, isNew: made >= 0);
                return directory;
            }
            catch
            {
                directory.Dispose();
                throw;
            }
        }
    }

    /// <summary>As <see cref="Ensure"/>, for whoever only wants to know and must not be able to list the directory: a service confined to what lies in it.</summary>
    /// <param name="path">The directory's path; its last part must not be a link.</param>
    /// <param name="mode">As in <see cref="Ensure"/>.</param>
    /// <exception cref="UnsafeDirectoryException">It must not be trusted.</exception>
    /// <exception cref="LinuxException">It cannot be reached or made.</exception>
    public static void Require(string path, int mode)
    {
        int opened;
        fixed (byte* name = Libc.CString(path.Length > 1 ? path.TrimEnd('/') : path))
        {
            opened = Libc.Result(Libc.openat(Libc.AT_FDCWD, name, Libc.O_PATH | Libc.O_DIRECTORY | Libc.O_NOFOLLOW | Libc.O_CLOEXEC, 0));
        }

        if (opened < 0)
        {
            // It is not there and is made, or it is none and is refused in words.
            Ensure(path, mode).Dispose();
            return;
        }

        using var directory = new FileDescriptor(opened);
        Check(directory, path, mode, isNew: false);
    }

    private static void Check(FileDescriptor directory, string path, int mode, bool isNew)
    {
        LinuxException.Check(FileStatus.TryGet(directory.Number, out FileStatus status), "statx", path);
        uint self = Libc.geteuid();
        if (status.Uid != self)
        {
            throw new UnsafeDirectoryException(path, $"belongs to uid {status.Uid}, not to uid {self} that runs this; chown it or choose another");
        }

        if (isNew)
        {
            LinuxException.Check(Libc.Result(Libc.fchmod(directory.Number, (uint)mode)), "fchmod", path);
        }
        else if ((status.Mode & 0x1ff & ~mode) != 0)
        {
            string actual = Convert.ToString(status.Mode & 0x1ff, 8);
            string wanted = Convert.ToString(mode, 8);
            throw new UnsafeDirectoryException(path, $"has mode {actual}, wider than {wanted}; run: chmod {wanted} '{path}'");
        }
    }
}
