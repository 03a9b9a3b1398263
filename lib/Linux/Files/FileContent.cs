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
}
