using System.Buffers;
using Strata.Linux;

namespace Strata.Hosting;

/// <summary>The content of one file into another, in turns: blocks are shared where the file system can, else copied within the kernel, else by hand; holes stay holes.</summary>
/// <param name="target">A writable, empty regular file.</param>
/// <param name="size">How long the source was when the copy began; what grows behind that is not the copy's.</param>
internal sealed class ContentCopy(int target, long size)
{
    /// <summary>Bytes copied in one turn.</summary>
    internal const int TurnBytes = 16 * 1024 * 1024;

    private const int BufferBytes = 256 * 1024;

    private long _position = -1;
    private bool _byHand;

    /// <summary>Whether blocks are shared.</summary>
    internal bool IsReflink { get; private set; }

    /// <summary>Bytes that were no hole and were copied.</summary>
    internal long Copied { get; private set; }

    /// <summary>Does a turn's work: 1 when there is more, 0 at the end, or a negated <see cref="Errno"/>.</summary>
    internal int Step(int source)
    {
        if (_position < 0)
        {
            _position = 0;
            IsReflink = FileContent.TryShareBlocks(target, source) == 0;
            return IsReflink || size == 0 ? 0 : 1;
        }

        return CopyTurn(source);
    }

    /// <summary>Gives the copy its length: a hole at the end is not copied.</summary>
    internal int Finish() => FileContent.TryTruncate(target, size);

    private int CopyTurn(int from)
    {
        var left = (long)TurnBytes;
        while (left > 0)
        {
            var found = FileContent.TryFindData(from, _position, out var start, out var end);
            if (found <= 0 || start >= size)
            {
                return Math.Min(found, 0);
            }

            var wanted = (int)Math.Min(Math.Min(end, size) - start, left);
            var copied = CopyPart(from, start, wanted);
            if (copied <= 0)
            {
                // Cut short meanwhile: what is missing now reads as nothing.
                return copied;
            }

            _position = start + copied;
            Copied += copied;
            left -= copied;
            if (_position >= size)
            {
                return 0;
            }
        }

        return 1;
    }

    private int CopyPart(int from, long offset, int bytes)
    {
        if (!_byHand)
        {
            var copied = FileContent.TryCopy(from, target, offset, bytes);
            if (copied is not (-Errno.EXDEV or -Errno.EINVAL or -Errno.EOPNOTSUPP or -Errno.ENOSYS or -Errno.EPERM))
            {
                return copied;
            }

            _byHand = true;
        }

        var buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        try
        {
            var read = FileContent.TryRead(from, buffer.AsSpan(0, Math.Min(bytes, BufferBytes)), offset);
            return read <= 0 ? read : FileContent.TryWriteAll(target, buffer.AsSpan(0, read), offset);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
