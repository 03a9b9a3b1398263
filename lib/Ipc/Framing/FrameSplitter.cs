using System.Buffers.Binary;

namespace Strata.Ipc;

/// <summary>What <see cref="FrameSplitter.TryTake"/> found.</summary>
public enum FrameStatus
{
    /// <summary>No whole frame yet.</summary>
    Incomplete,

    /// <summary>A whole frame was taken.</summary>
    Frame,

    /// <summary>The length is impossible (zero, negative or over the limit): the stream cannot be delimited any more.</summary>
    Impossible,
}

/// <summary>
/// Cuts a byte stream into frames: 4-byte big-endian length, then that many bytes of payload.
/// </summary>
/// <remarks>
/// Whole frames are handed out as slices of the received bytes. Only a rest is copied, into pooled memory that grows
/// as bytes arrive and never by what a length merely announces. Not safe for use from two threads.
/// </remarks>
public sealed class FrameSplitter(int maxFrameBytes)
{
    private byte[] _held = [];
    private int _heldStart;
    private int _heldEnd;

    /// <summary>Bytes held that belong to no frame handed out yet.</summary>
    public int HeldBytes => _heldEnd - _heldStart;

    /// <summary>Bytes of memory in use for them.</summary>
    internal int Capacity => _held.Length;

    /// <summary>Adds received bytes behind what is held.</summary>
    public void Append(ReadOnlySpan<byte> received)
    {
        if (received.IsEmpty)
        {
            return;
        }

        Reserve(received.Length);
        received.CopyTo(_held.AsSpan(_heldEnd));
        _heldEnd += received.Length;
    }

    /// <summary>Takes the next whole frame's payload from what is held; valid until the next call.</summary>
    public FrameStatus TryTake(out ReadOnlySpan<byte> payload)
    {
        var status = TryCut(_held.AsSpan(_heldStart, HeldBytes), maxFrameBytes, out payload);
        if (status == FrameStatus.Frame)
        {
            _heldStart += OutputBuffer.HeaderBytes + payload.Length;
        }

        return status;
    }

    /// <summary>Gives memory back when nothing is held. Call it once frames taken are no longer looked at.</summary>
    public void Trim()
    {
        if (HeldBytes == 0)
        {
            Release();
        }
    }

    /// <summary>Gives the memory back, held bytes and all.</summary>
    public void Release()
    {
        FrameMemory.Shared.Return(_held);
        _held = [];
        _heldStart = _heldEnd = 0;
    }

    /// <summary>Looks for a whole frame at the start of <paramref name="bytes"/>.</summary>
    /// <param name="bytes">Received bytes.</param>
    /// <param name="maxFrameBytes">Largest payload allowed, inclusive.</param>
    /// <param name="payload">The frame's payload, a slice of <paramref name="bytes"/>.</param>
    public static FrameStatus TryCut(ReadOnlySpan<byte> bytes, int maxFrameBytes, out ReadOnlySpan<byte> payload)
    {
        payload = default;
        if (bytes.Length < OutputBuffer.HeaderBytes)
        {
            return FrameStatus.Incomplete;
        }

        var length = BinaryPrimitives.ReadUInt32BigEndian(bytes);
        if (length == 0 || length > (uint)maxFrameBytes)
        {
            return FrameStatus.Impossible;
        }

        if (bytes.Length - OutputBuffer.HeaderBytes < (int)length)
        {
            return FrameStatus.Incomplete;
        }

        payload = bytes.Slice(OutputBuffer.HeaderBytes, (int)length);
        return FrameStatus.Frame;
    }

    private void Reserve(int bytes)
    {
        if (_held.Length - _heldEnd >= bytes)
        {
            return;
        }

        var needed = HeldBytes + bytes;
        if (needed <= _held.Length)
        {
            _held.AsSpan(_heldStart, HeldBytes).CopyTo(_held);
        }
        else
        {
            var larger = FrameMemory.Shared.Rent(Math.Max(needed, HeldBytes * 2));
            _held.AsSpan(_heldStart, HeldBytes).CopyTo(larger);
            FrameMemory.Shared.Return(_held);

            _held = larger;
        }

        _heldEnd -= _heldStart;
        _heldStart = 0;
    }
}
