using System.Buffers;
using System.Buffers.Binary;
using System.Text.Json;

namespace Strata.Ipc;

/// <summary>
/// The unsent bytes of one connection. Frames are written in place behind a reserved length; the memory is pooled and
/// given back as soon as everything is sent, so that an idle connection holds none.
/// </summary>
/// <remarks>Not safe for use from two threads; it belongs to the connection's loop.</remarks>
public sealed class OutputBuffer : IBufferWriter<byte>
{
    /// <summary>Bytes before each payload: its length, big-endian.</summary>
    public const int HeaderBytes = 4;

    private const int InitialBytes = 4096;
    private byte[] _bytes = [];
    private int _start;
    private int _end;

    /// <summary>Unsent bytes.</summary>
    public int Length => _end - _start;

    /// <summary>Bytes of memory in use; 0 when nothing is unsent.</summary>
    public int Capacity => _bytes.Length;

    /// <summary>The unsent bytes, valid until the next call.</summary>
    public ReadOnlyMemory<byte> Unsent => _bytes.AsMemory(_start, Length);

    /// <summary>Takes the first <paramref name="count"/> unsent bytes off.</summary>
    public void Sent(int count)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, Length);
        _start += count;
        if (_start == _end)
        {
            Release();
        }
    }

    /// <summary>Gives the memory back, unsent bytes and all.</summary>
    public void Release()
    {
        FrameMemory.Shared.Return(_bytes);
        _bytes = [];
        _start = _end = 0;
    }

    /// <summary>Reserves a frame's length and returns a mark for <see cref="EndFrame"/>.</summary>
    public int BeginFrame()
    {
        var mark = Length;
        GetSpan(HeaderBytes);
        _end += HeaderBytes;
        return mark;
    }

    /// <summary>The payload bytes written since <see cref="BeginFrame"/>.</summary>
    public int PayloadBytes(int mark) => Length - mark - HeaderBytes;

    /// <summary>Fills in the length of the frame begun at <paramref name="mark"/>.</summary>
    public void EndFrame(int mark) =>
        BinaryPrimitives.WriteInt32BigEndian(_bytes.AsSpan(_start + mark, HeaderBytes), PayloadBytes(mark));

    /// <summary>Takes back everything written since <see cref="BeginFrame"/>.</summary>
    public void Abandon(int mark) => _end = _start + mark;

    /// <summary>Gives back the memory that the unsent bytes do not need.</summary>
    internal void Trim()
    {
        var unsent = Unsent.ToArray();
        Release();
        if (unsent.Length > 0)
        {
            unsent.CopyTo(GetSpan(unsent.Length));
            Advance(unsent.Length);
        }
    }

    /// <inheritdoc/>
    public void Advance(int count) => _end += count;

    /// <inheritdoc/>
    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        Reserve(Math.Max(sizeHint, 256));
        return _bytes.AsMemory(_end);
    }

    /// <inheritdoc/>
    public Span<byte> GetSpan(int sizeHint = 0)
    {
        Reserve(Math.Max(sizeHint, 256));
        return _bytes.AsSpan(_end);
    }

    private void Reserve(int bytes)
    {
        if (_bytes.Length - _end >= bytes)
        {
            return;
        }

        var larger = FrameMemory.Shared.Rent(Math.Max(InitialBytes, Math.Max(Length * 2, Length + bytes)));
        _bytes.AsSpan(_start, Length).CopyTo(larger);
        var length = Length;
        FrameMemory.Shared.Return(_bytes);

        _bytes = larger;
        _start = 0;
        _end = length;
    }
}
