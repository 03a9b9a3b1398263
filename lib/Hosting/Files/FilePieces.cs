using Strata.Contracts;
using Strata.Ipc;

namespace Strata.Hosting;

/// <summary>A file of any size in pieces. While one is on its way the next is read.</summary>
internal static class FilePieces
{
    /// <summary>Bytes of one piece; as base64 they fit a frame with room to spare.</summary>
    internal const int PieceBytes = 512 * 1024;

    /// <summary>Reads piece after piece.</summary>
    /// <param name="read">Reads at most so many bytes at an offset into a buffer.</param>
    /// <param name="errorOf">The error for a negated error number of a read.</param>
    /// <param name="offset">Where to begin.</param>
    /// <param name="most">Most bytes in all.</param>
    /// <param name="size">The file's size when it was opened.</param>
    /// <param name="modified">Its last modification then.</param>
    internal static async IAsyncEnumerable<DownloadPiece> ReadAsync(
        Func<byte[], long, long, Task<ReadProgress>> read, Func<int, RpcError> errorOf, long offset, long most, long size, string modified)
    {
        var sent = 0L;
        // One is on its way while the other is filled; small files take small ones.
        var length = (int)Math.Clamp(Math.Min(size - offset, most) + 1, 4096, PieceBytes);
        byte[][] buffers = [GC.AllocateUninitializedArray<byte>(length), []];
        var next = read(buffers[0], offset, most);
        for (var turn = 1; ; turn++)
        {
            var progress = await next.ConfigureAwait(false);
            if (progress.Error < 0)
            {
                throw new RpcException(errorOf(progress.Error));
            }

            var piece = new DownloadPiece(offset + sent, buffers[(turn - 1) % 2].AsMemory(0, progress.Filled), size, modified, progress.AtEnd);
            sent += progress.Filled;
            var isLast = progress.AtEnd || sent >= most;
            if (!isLast)
            {
                buffers[turn % 2] = buffers[turn % 2].Length > 0 ? buffers[turn % 2] : GC.AllocateUninitializedArray<byte>(PieceBytes);
                next = read(buffers[turn % 2], offset + sent, most - sent);
            }

            yield return piece;
            if (isLast)
            {
                break;
            }
        }
    }
}
