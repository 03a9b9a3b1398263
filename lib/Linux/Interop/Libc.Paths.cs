using System.Runtime.InteropServices;

namespace Strata.Linux.Interop;

/// <summary>Calls on paths. A path is NUL-terminated; dirfd may be <see cref="AT_FDCWD"/>.</summary>
internal static unsafe partial class Libc
{
    internal const int AT_FDCWD = -100;
    internal const int AT_SYMLINK_NOFOLLOW = 0x100;
    internal const int AT_REMOVEDIR = 0x200;
    internal const int AT_SYMLINK_FOLLOW = 0x400;
    internal const int AT_NO_AUTOMOUNT = 0x800;
    internal const int AT_EMPTY_PATH = 0x1000;

    internal const uint S_IFIFO = 0x1000;

    /// <summary>mknodat(2): the mode is cut by the umask.</summary>
    [LibraryImport(Library, SetLastError = true)]
    internal static partial int mknodat(int dirfd, byte* path, uint mode, ulong device);

    /// <summary>openat(2) is variadic in its mode; see <see cref="fcntl"/> for why this signature holds.</summary>
    [LibraryImport(Library, SetLastError = true)]
    internal static partial int openat(int dirfd, byte* path, int flags, uint mode);

    /// <summary>unlinkat(2).</summary>
    [LibraryImport(Library, SetLastError = true)]
    internal static partial int unlinkat(int dirfd, byte* path, int flags);

    /// <summary>fchmod(2): not cut by the umask.</summary>
    [LibraryImport(Library, SetLastError = true)]
    internal static partial int fchmod(int fd, uint mode);

    /// <summary>fchown(2): an id of all ones stays as it is.</summary>
    [LibraryImport(Library, SetLastError = true)]
    internal static partial int fchown(int fd, uint owner, uint group);

    /// <summary>chmod(2): follows links; not cut by the umask.</summary>
    [LibraryImport(Library, SetLastError = true)]
    internal static partial int chmod(byte* path, uint mode);

    /// <summary>fchownat(2): an id of all ones stays as it is; with AT_EMPTY_PATH the descriptor itself is meant.</summary>
    [LibraryImport(Library, SetLastError = true)]
    internal static partial int fchownat(int dirfd, byte* path, uint uid, uint gid, int flags);

    /// <summary>statx(2): fills 256 bytes laid out alike on every architecture.</summary>
    [LibraryImport(Library, SetLastError = true)]
    internal static partial int statx(int dirfd, byte* path, int flags, uint mask, StatxBuffer* buffer);

    /// <summary>struct statx; only the fields used are named.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 256)]
    internal struct StatxBuffer
    {
        [FieldOffset(0)] internal uint Mask;
        [FieldOffset(8)] internal ulong Attributes;
        [FieldOffset(16)] internal uint LinkCount;
        [FieldOffset(20)] internal uint Uid;
        [FieldOffset(24)] internal uint Gid;
        [FieldOffset(28)] internal ushort Mode;
        [FieldOffset(32)] internal ulong Inode;
        [FieldOffset(40)] internal ulong Size;
        [FieldOffset(48)] internal ulong Blocks;
        [FieldOffset(96)] internal long ChangedSeconds;
        [FieldOffset(104)] internal uint ChangedNanoseconds;
        [FieldOffset(112)] internal long ModifiedSeconds;
        [FieldOffset(120)] internal uint ModifiedNanoseconds;
        [FieldOffset(136)] internal uint DeviceMajor;
        [FieldOffset(140)] internal uint DeviceMinor;
        [FieldOffset(144)] internal ulong Mount;
    }
}
