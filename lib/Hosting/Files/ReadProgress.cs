using Strata.Linux;

namespace Strata.Hosting;

/// <summary>How far an attempt to fill a buffer came.</summary>
/// <param name="Filled">Bytes in the buffer.</param>
/// <param name="AtEnd">Whether the end of the file follows them.</param>
/// <param name="Waits">Whether the rest would have to wait for a disk.</param>
/// <param name="Error">A negated error number, or 0.</param>
internal readonly record struct ReadProgress(int Filled, bool AtEnd, bool Waits, int Error)
{
    /// <summary>Reads without waiting. The buffer's last byte is only looked for, to learn whether the end was reached.</summary>
    internal static ReadProgress FromCache(int file, Span<byte> buffer, long offset)
    {
        var filled = 0;
        while (filled < buffer.Length)
        {
            var count = FileContent.TryReadCached(file, buffer[filled..], offset + filled);
            if (count is -Errno.EAGAIN or -Errno.EOPNOTSUPP)
            {
                return filled == buffer.Length - 1 && HasMore(file, offset + filled)
                    ? new ReadProgress(filled, AtEnd: false, Waits: false, 0)
                    : new ReadProgress(filled, AtEnd: false, Waits: true, 0);
            }

            if (count <= 0 && count != -Errno.EINTR)
            {
                return Ended(filled, count);
            }

            filled += Math.Max(count, 0);
        }

        return new ReadProgress(filled, AtEnd: false, Waits: false, 0);
    }

    /// <summary>Reads, waiting for the disk if it must.</summary>
    internal static ReadProgress FromDisk(int file, Span<byte> buffer, long offset)
    {
        var filled = 0;
        while (filled < buffer.Length)
        {
            var count = FileContent.TryRead(file, buffer[filled..], offset + filled);
            if (count <= 0 && count != -Errno.EINTR)
            {
                return Ended(filled, count);
            }

            filled += Math.Max(count, 0);
        }

        return new ReadProgress(filled, AtEnd: false, Waits: false, 0);
    }

    // An error behind bytes that were read is the next read's to report.
    private static ReadProgress Ended(int filled, int count) => new(filled, AtEnd: count == 0, Waits: false, filled > 0 ? 0 : Math.Min(count, 0));

    private static bool HasMore(int file, long position) => FileStatus.TryGet(file, out var status) == 0 && status.SizeBytes > position;
}
