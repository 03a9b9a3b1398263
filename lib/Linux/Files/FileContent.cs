using Strata.Linux.Interop;

namespace Strata.Linux;

/// <summary>Reads at an offset, without moving any position. Each answers bytes read (0 at or after the end), or a negated <see cref="Errno"/>.</summary>
public static unsafe class FileContent
{
    /// <summary>Reads what the page cache holds, without waiting for a disk; may be short.</summary>
    /// <param name="file">A readable regular file.</param>
    /// <param name="buffer">Where the bytes go.</param>
    /// <param name="offset">Where to start, 0 or more.</param>
    /// <returns>Bytes; EAGAIN or EOPNOTSUPP: the read would wait, or the file system cannot tell: use <see cref="TryRead"/> on a thread that may block.</returns>
    public static int TryReadCached(int file, Span<byte> buffer, long offset)
    {
        fixed (byte* start = buffer)
        {
            var vector = new Libc.IoVector { Base = start, Length = (nuint)buffer.Length };
            return Libc.Result(Libc.preadv2(file, &vector, 1, offset, Libc.RWF_NOWAIT));
        }
    }

    /// <summary>Reads, waiting for the disk if it must; may be short.</summary>
    /// <param name="file">A readable regular file.</param>
    /// <param name="buffer">Where the bytes go.</param>
    /// <param name="offset">Where to start, 0 or more.</param>
    public static int TryRead(int file, Span<byte> buffer, long offset)
    {
        fixed (byte* start = buffer)
        {
            return Libc.Result(Libc.pread(file, start, (nuint)buffer.Length, offset));
        }
    }

    /// <summary>Writes at an offset, waiting for the file system if it must; may be short. A file opened to append takes the bytes at its end instead.</summary>
    /// <param name="file">A writable regular file.</param>
    /// <param name="bytes">The bytes.</param>
    /// <param name="offset">Where, 0 or more.</param>
    /// <returns>Bytes written, or a negated <see cref="Errno"/>: ENOSPC, EDQUOT, EFBIG, EBADF, ...</returns>
    public static int TryWrite(int file, ReadOnlySpan<byte> bytes, long offset)
    {
        fixed (byte* start = bytes)
        {
            return Libc.Result(Libc.pwrite(file, start, (nuint)bytes.Length, offset));
        }
    }

    /// <summary>Writes all, or as much as the file system takes; the error of a later part is the next call's to meet.</summary>
    /// <param name="file">A writable regular file.</param>
    /// <param name="bytes">The bytes.</param>
    /// <param name="offset">Where, 0 or more.</param>
    /// <returns>Bytes written, or a negated <see cref="Errno"/> when there is none; ENOSPC also when the file system takes nothing and does not say why.</returns>
    public static int TryWriteAll(int file, ReadOnlySpan<byte> bytes, long offset)
    {
        int written = 0;
        while (written < bytes.Length)
        {
            int count = TryWrite(file, bytes[written..], offset + written);
            if (count == -Errno.EINTR)
            {
                continue;
            }

            if (count <= 0)
            {
                return written > 0 ? written : count < 0 ? count : -Errno.ENOSPC;
            }

            written += count;
        }

        return written;
    }

    /// <summary>Makes the file this long: cuts it, or lets it end in a hole.</summary>
    /// <param name="file">A writable regular file.</param>
    /// <param name="bytes">Its length, 0 or more.</param>
    public static int TryTruncate(int file, long bytes) => Libc.Result(Libc.ftruncate(file, bytes));

    /// <summary>Waits until content and status are on disk.</summary>
    /// <param name="file">An open file.</param>
    public static int TrySync(int file) => Libc.Result(Libc.fsync(file));

    /// <summary>Waits until all of a file system is on disk: cheaper than file by file for a tree of them.</summary>
    /// <param name="file">Anything open on it, not O_PATH.</param>
    public static int TrySyncAll(int file) => Libc.Result(Libc.syncfs(file));

    /// <summary>Locks a file against whoever locks it as well, until its last descriptor is closed; EAGAIN when somebody holds it.</summary>
    /// <param name="file">An open file.</param>
    public static int TryLock(int file) => Libc.Result(Libc.flock(file, Libc.LOCK_EX | Libc.LOCK_NB));

    /// <summary>Sets the permission bits of an open file or directory.</summary>
    /// <param name="file">Anything open, O_PATH included.</param>
    /// <param name="mode">Exact bits, whatever the umask.</param>
    public static int TryChangeMode(int file, int mode)
    {
        byte* own = stackalloc byte[DescriptorPath.MaxBytes];
        DescriptorPath.Write(file, own);
        return Libc.Result(Libc.chmod(own, (uint)mode));
    }

    /// <summary>Lets a file share the blocks of another, at once whatever its size; EOPNOTSUPP, EXDEV or EINVAL where the file system cannot.</summary>
    /// <param name="file">A writable, empty regular file.</param>
    /// <param name="source">A readable regular file.</param>
    public static int TryShareBlocks(int file, int source) => Libc.Result(Libc.ioctl(file, Libc.FICLONE, source));

    /// <summary>Copies within the kernel from one offset to the same of another file; may be short.</summary>
    /// <param name="source">A readable regular file.</param>
    /// <param name="target">A writable regular file.</param>
    /// <param name="offset">Where in both.</param>
    /// <param name="bytes">How many.</param>
    /// <returns>Bytes copied, 0 at the end, or a negated <see cref="Errno"/>: EXDEV, EINVAL, EOPNOTSUPP or ENOSYS where it cannot; ENOSPC, ...</returns>
    public static int TryCopy(int source, int target, long offset, int bytes)
    {
        long from = offset;
        long to = offset;
        return Libc.Result(Libc.copy_file_range(source, &from, target, &to, (nuint)bytes, 0));
    }

    /// <summary>Finds the next bytes that are no hole.</summary>
    /// <param name="file">A readable regular file.</param>
    /// <param name="offset">Where to begin.</param>
    /// <param name="start">Where they begin.</param>
    /// <param name="end">Where a hole, or the file's end, follows.</param>
    /// <returns>1; 0 when only a hole is left; or a negated <see cref="Errno"/>.</returns>
    public static int TryFindData(int file, long offset, out long start, out long end)
    {
        end = 0;
        start = Libc.lseek(file, offset, Libc.SEEK_DATA);
        if (start < 0)
        {
            return NoData();
        }

        // The file may have been cut between the two.
        end = Libc.lseek(file, start, Libc.SEEK_HOLE);
        return end < 0 ? NoData() : 1;

        static int NoData() => System.Runtime.InteropServices.Marshal.GetLastPInvokeError() is var error && error == Errno.ENXIO ? 0 : -error;
    }
}
