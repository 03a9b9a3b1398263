using System.Runtime.CompilerServices;
using Strata.Linux.Interop;

namespace Strata.Linux;

/// <summary>What the kernel knows of an inode.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="SizeBytes">Its length in bytes.</param>
/// <param name="Mode">Permission bits, 0 to 07777.</param>
/// <param name="ModifiedUnixNs">Last change of the content, nanoseconds since 1970 UTC.</param>
/// <param name="Inode">Its number on its device.</param>
/// <param name="Device">The device; with <paramref name="Inode"/> it identifies the file.</param>
/// <param name="Uid">The owner.</param>
/// <param name="Gid">The group.</param>
/// <param name="Links">How many names it has.</param>
public readonly record struct FileStatus(
    FileKind Kind, long SizeBytes, int Mode, long ModifiedUnixNs, ulong Inode, ulong Device, uint Uid, uint Gid, uint Links)
{
    /// <summary>The longest name of an entry, the kernel's NAME_MAX.</summary>
    public const int MaxNameBytes = 255;

    private const uint BasicStats = 0x7ff;

    /// <summary>Bytes that it takes of its file system: fewer than its length when it has holes.</summary>
    public long AllocatedBytes { get; init; }

    /// <summary>Last change of content, owner, mode or names, nanoseconds since 1970 UTC: unlike <see cref="ModifiedUnixNs"/> nobody can set it.</summary>
    public long ChangedUnixNs { get; init; }

    /// <summary>The status of an open descriptor, O_PATH ones included.</summary>
    /// <param name="descriptor">An open descriptor.</param>
    /// <param name="status">The status when the result is 0.</param>
    /// <returns>0, or a negated <see cref="Errno"/>.</returns>
    public static unsafe int TryGet(int descriptor, out FileStatus status)
    {
        byte empty = 0;
        return TryGet(descriptor, &empty, Libc.AT_EMPTY_PATH, out status);
    }

    /// <summary>The status of a path whose last part is not followed when it is a link.</summary>
    /// <param name="path">An absolute path, or one relative to the working directory.</param>
    /// <param name="status">The status when the result is 0.</param>
    /// <returns>0, or a negated <see cref="Errno"/>.</returns>
    public static unsafe int TryGetNoFollow(string path, out FileStatus status)
    {
        fixed (byte* name = Libc.CString(path))
        {
            return TryGet(Libc.AT_FDCWD, name, Libc.AT_SYMLINK_NOFOLLOW, out status);
        }
    }

    /// <summary>The status of an entry of an open directory; a link is not followed, so the answer never leaves the directory.</summary>
    /// <param name="directory">An open directory, O_PATH or for reading.</param>
    /// <param name="name">The entry's raw bytes, without '/' and NUL.</param>
    /// <param name="status">The status when the result is 0.</param>
    /// <returns>0, or a negated <see cref="Errno"/>: EINVAL for a name that is empty or a path, ENAMETOOLONG, ENOENT, ...</returns>
    [SkipLocalsInit]
    public static unsafe int TryGetEntry(FileDescriptor directory, ReadOnlySpan<byte> name, out FileStatus status)
    {
        status = default;
        if (name.IsEmpty || name.ContainsAny((byte)'/', (byte)0))
        {
            return -Errno.EINVAL;
        }

        if (name.Length > MaxNameBytes)
        {
            return -Errno.ENAMETOOLONG;
        }

        byte* terminated = stackalloc byte[MaxNameBytes + 1];
        name.CopyTo(new Span<byte>(terminated, MaxNameBytes));
        terminated[name.Length] = 0;
        return TryGet(directory.Number, terminated, Libc.AT_SYMLINK_NOFOLLOW | Libc.AT_NO_AUTOMOUNT, out status);
    }

    [SkipLocalsInit]
    internal static unsafe int TryGet(int directory, byte* path, int flags, out FileStatus status)
    {
        Libc.StatxBuffer buffer;
        int result = Libc.Result(Libc.statx(directory, path, flags, BasicStats, &buffer));
        status = result < 0 ? default : new FileStatus(
            (FileKind)(buffer.Mode >> 12),
            (long)buffer.Size,
            buffer.Mode & 0xfff,
            (buffer.ModifiedSeconds * 1_000_000_000) + buffer.ModifiedNanoseconds,
            buffer.Inode,
            ((ulong)buffer.DeviceMajor << 32) | buffer.DeviceMinor,
            buffer.Uid,
            buffer.Gid,
            buffer.LinkCount)
        {
            AllocatedBytes = (long)buffer.Blocks * 512,
            ChangedUnixNs = (buffer.ChangedSeconds * 1_000_000_000) + buffer.ChangedNanoseconds,
        };
        return result;
    }
}
