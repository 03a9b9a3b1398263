using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.InteropServices;
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
    private long _sent;
    private List<(long At, SafeHandle Descriptor)>? _attached;

    /// <summary>Unsent bytes.</summary>
    public int Length => _end - _start;

    /// <summary>Bytes of memory in use; 0 when nothing is unsent.</summary>
    public int Capacity => _bytes.Length;

    /// <summary>The unsent bytes, valid until the next call.</summary>
    public ReadOnlyMemory<byte> Unsent => _bytes.AsMemory(_start, Length);

    /// <summary>Unsent descriptors.</summary>
    public int Descriptors => _attached?.Count ?? 0;

    /// <summary>The unsent bytes that may leave in one message, and the descriptor that must leave with the first of them. Valid until the next call.</summary>
    /// <param name="descriptor">Stays this buffer's; null for none.</param>
    public ReadOnlyMemory<byte> NextMessage(out SafeHandle? descriptor)
    {
        descriptor = null;
        if (Descriptors == 0)
        {
            return Unsent;
        }

        var first = _attached![0];
        var end = first.At;
        if (first.At == _sent)
        {
            descriptor = first.Descriptor;
            end = Descriptors > 1 ? _attached[1].At : _sent + Length;
        }

        return _bytes.AsMemory(_start, (int)(end - _sent));
    }

    /// <summary>Lets a descriptor leave with the frame begun at <paramref name="mark"/>.</summary>
    /// <param name="mark">Of <see cref="BeginFrame"/>.</param>
    /// <param name="descriptor">Closed once it is sent, or nobody is left to send it to.</param>
    internal void Attach(int mark, SafeHandle descriptor) => (_attached ??= []).Add((_sent + mark, descriptor));

    /// <summary>Takes the first <paramref name="count"/> unsent bytes off, and the descriptor that left with them.</summary>
    public void Sent(int count)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, Length);
        _start += count;
        _sent += count;
        while (Descriptors > 0 && _attached![0].At < _sent)
        {
            _attached[0].Descriptor.Dispose();
            _attached.RemoveAt(0);
        }

        if (_start == _end)
        {
            ReleaseMemory();
        }
    }

    /// <summary>Gives the memory back, unsent bytes, descriptors and all.</summary>
    public void Release()
    {
        DropDescriptors(0);
        ReleaseMemory();
    }

    private void ReleaseMemory()
    {
        FrameMemory.Shared.Return(_bytes);
        _bytes = [];
        _start = _end = 0;
    }

    private void DropDescriptors(int mark)
    {
        while (Descriptors > 0 && _attached![^1].At >= _sent + mark)
        {
            _attached[^1].Descriptor.Dispose();
            _attached.RemoveAt(_attached.Count - 1);
        }
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
    public void Abandon(int mark)
    {
        DropDescriptors(mark);
        _end = _start + mark;
    }

    /// <summary>Gives back the memory that the unsent bytes do not need.</summary>
    internal void Trim()
    {
        var unsent = Unsent.ToArray();
        ReleaseMemory();
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
