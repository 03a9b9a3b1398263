using System.Runtime.InteropServices;

namespace Strata.Linux.Interop;

/// <summary>Calls on files and directories.</summary>
internal static unsafe partial class Libc
{
    // Numbers above 423 are the same on every architecture.
    internal const nint SYS_openat2 = 437;

    internal const ulong RESOLVE_NO_XDEV = 0x1;
    internal const ulong RESOLVE_NO_MAGICLINKS = 0x2;
    internal const ulong RESOLVE_NO_SYMLINKS = 0x4;
    internal const ulong RESOLVE_BENEATH = 0x8;
    internal const ulong RESOLVE_IN_ROOT = 0x10;
    internal const int RWF_NOWAIT = 0x8;
    internal const int LOCK_EX = 2;
    internal const int LOCK_NB = 4;
    internal const int SEEK_SET = 0;
    internal const int SEEK_DATA = 3;
    internal const int SEEK_HOLE = 4;
    internal const uint RENAME_NOREPLACE = 1;
    internal const uint RENAME_EXCHANGE = 2;
    internal const nuint FICLONE = 0x40049409;

    /// <summary>struct open_how; a flag the kernel does not know is an error, unlike with open(2).</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct OpenHow
    {
        internal ulong Flags;
        internal ulong Mode;
        internal ulong Resolve;
    }

    /// <summary>openat2(2), kernel 5.6, which has no wrapper in glibc 2.36. syscall(2) is variadic; see <see cref="fcntl"/> for why this signature holds.</summary>
    [LibraryImport(Library, EntryPoint = "syscall", SetLastError = true)]
    internal static partial nint openat2(nint number, nint dirfd, byte* path, OpenHow* how, nuint howBytes);

    /// <summary>preadv2(2): with RWF_NOWAIT answers only from the page cache, EAGAIN otherwise.</summary>
    [LibraryImport(Library, SetLastError = true)]
    internal static partial nint preadv2(int fd, IoVector* vectors, int count, long offset, int flags);

    /// <summary>pread(2); off_t has 64 bits on the machines we support.</summary>
    [LibraryImport(Library, SetLastError = true)]
    internal static partial nint pread(int fd, byte* buf, nuint count, long offset);

    /// <summary>getdents64(2), glibc 2.30: fills buf with whole records; 0 at the end.</summary>
    [LibraryImport(Library, SetLastError = true)]
    internal static partial nint getdents64(int fd, byte* buf, nuint bytes);

    /// <summary>lseek(2). The offset does not fit an int: look at -1 and errno directly.</summary>
    [LibraryImport(Library, SetLastError = true)]
    internal static partial long lseek(int fd, long offset, int whence);

    /// <summary>fsync(2): after an error the dirty pages may be gone, a second call that succeeds proves nothing.</summary>
    [LibraryImport(Library, SetLastError = true)]
    internal static partial int fsync(int fd);

    /// <summary>fdatasync(2): as fsync, without times.</summary>
    [LibraryImport(Library, SetLastError = true)]
    internal static partial int fdatasync(int fd);

    /// <summary>syncfs(2): waits for the whole file system that the descriptor is on.</summary>
    [LibraryImport(Library, SetLastError = true)]
    internal static partial int syncfs(int fd);

    /// <summary>ftruncate(2).</summary>
    [LibraryImport(Library, SetLastError = true)]
    internal static partial int ftruncate(int fd, long length);

    /// <summary>renameat(2): replaces the target atomically.</summary>
    [LibraryImport(Library, SetLastError = true)]
    internal static partial int renameat(int oldDirfd, byte* oldPath, int newDirfd, byte* newPath);

    /// <summary>mkdirat(2): the mode is cut by the umask.</summary>
    [LibraryImport(Library, SetLastError = true)]
    internal static partial int mkdirat(int dirfd, byte* path, uint mode);

    /// <summary>flock(2): belongs to the open file, so it lasts until the last duplicate is closed.</summary>
    [LibraryImport(Library, SetLastError = true)]
    internal static partial int flock(int fd, int operation);

    /// <summary>pwrite(2); a file opened with O_APPEND takes the bytes at its end whatever the offset.</summary>
    [LibraryImport(Library, SetLastError = true)]
    internal static partial nint pwrite(int fd, byte* buf, nuint count, long offset);

    /// <summary>renameat2(2), glibc 2.28.</summary>
    [LibraryImport(Library, SetLastError = true)]
    internal static partial int renameat2(int oldDirfd, byte* oldPath, int newDirfd, byte* newPath, uint flags);

    /// <summary>linkat(2): AT_SYMLINK_FOLLOW with a path of /proc/self/fd links the open file itself.</summary>
    [LibraryImport(Library, SetLastError = true)]
    internal static partial int linkat(int oldDirfd, byte* oldPath, int newDirfd, byte* newPath, int flags);

    /// <summary>copy_file_range(2), glibc 2.27: reads and moves both offsets.</summary>
    [LibraryImport(Library, SetLastError = true)]
    internal static partial nint copy_file_range(int from, long* fromOffset, int to, long* toOffset, nuint bytes, uint flags);

    /// <summary>ioctl(2) is variadic in its argument; see <see cref="fcntl"/> for why this signature holds.</summary>
    [LibraryImport(Library, SetLastError = true)]
    internal static partial int ioctl(int fd, nuint request, nint argument);

    /// <summary>symlinkat(2): the target is text alone.</summary>
    [LibraryImport(Library, SetLastError = true)]
    internal static partial int symlinkat(byte* target, int dirfd, byte* path);

    /// <summary>readlinkat(2): writes no NUL, and cuts what does not fit.</summary>
    [LibraryImport(Library, SetLastError = true)]
    internal static partial nint readlinkat(int dirfd, byte* path, byte* buf, nuint bytes);

    /// <summary>utimensat(2): two pairs of seconds and nanoseconds, of access and of change.</summary>
    [LibraryImport(Library, SetLastError = true)]
    internal static partial int utimensat(int dirfd, byte* path, long* times, int flags);

    /// <summary>listxattr(2): names, each with its NUL; 0 bytes of room ask for the length.</summary>
    [LibraryImport(Library, SetLastError = true)]
    internal static partial nint listxattr(byte* path, byte* list, nuint bytes);

    /// <summary>getxattr(2).</summary>
    [LibraryImport(Library, SetLastError = true)]
    internal static partial nint getxattr(byte* path, byte* name, byte* value, nuint bytes);

    /// <summary>setxattr(2).</summary>
    [LibraryImport(Library, SetLastError = true)]
    internal static partial int setxattr(byte* path, byte* name, byte* value, nuint bytes, int flags);
}
