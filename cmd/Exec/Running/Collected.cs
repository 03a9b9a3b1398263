using System.Buffers;
using Strata.Linux;

namespace Strata.Exec;

/// <summary>Takes what comes out of a pipe, up to a bound; the rest is read and counted, so that the writer never waits for us.</summary>
/// <param name="reader">A non-blocking end.</param>
/// <param name="maxBytes">The bound.</param>
internal sealed class Collected(FileDescriptor reader, int maxBytes)
{
    // A flood must not keep the loop from looking at the clock.
    private const int MaxReadsPerTurn = 16;

    private readonly byte[] _chunk = new byte[16 * 1024];
    private readonly ArrayBufferWriter<byte> _kept = new();

    internal long Lost { get; private set; }

    /// <summary>True when every writer is gone.</summary>
    internal bool Ended { get; private set; }

    internal ReadOnlyMemory<byte> Bytes => _kept.WrittenMemory;

    /// <summary>Reads what is there.</summary>
    internal void Take()
    {
        for (var turn = 0; turn < MaxReadsPerTurn && !Ended; turn++)
        {
            var count = Descriptors.TryRead(reader.Number, _chunk);
            if (count is -Errno.EAGAIN or -Errno.EINTR)
            {
                return;
            }

            Ended = count <= 0;
            var room = Math.Clamp(count, 0, maxBytes - _kept.WrittenCount);
            _kept.Write(_chunk.AsSpan(0, room));
            Lost += Math.Max(count, 0) - room;
        }
    }
}
