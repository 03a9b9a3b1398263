using System.Buffers;
using System.Numerics;

namespace Strata.Ipc;

/// <summary>
/// Memory for frames. Small pieces come from the shared pool. That one would keep large ones by the dozen, for each
/// thread and each processor, so they are kept here instead, up to a bound for the whole process.
/// </summary>
/// <remarks>Safe to use from many threads.</remarks>
internal sealed class FrameMemory
{
    /// <summary>Largest piece, in bytes, that the shared pool gives.</summary>
    internal const int MaxSharedBytes = 64 * 1024;

    /// <summary>Most bytes kept for later: more than two busy loops hold at a time, so that large pieces seldom become garbage.</summary>
    internal const int MaxKeptBytes = 16 * 1024 * 1024;

    private readonly Lock _access = new();
    private readonly List<byte[]> _kept = [];
    private int _keptBytes;

    /// <summary>The memory of this process.</summary>
    internal static FrameMemory Shared { get; } = new();

    /// <summary>Bytes kept for later.</summary>
    internal int KeptBytes
    {
        get
        {
            lock (_access)
            {
                return _keptBytes;
            }
        }
    }

    /// <summary>Gives at least so many bytes, their content undefined.</summary>
    internal byte[] Rent(int bytes)
    {
        if (bytes <= MaxSharedBytes)
        {
            return ArrayPool<byte>.Shared.Rent(bytes);
        }

        var size = SizeFor(bytes);
        return TakeKept(size) ?? GC.AllocateUninitializedArray<byte>(size);
    }

    /// <summary>Takes memory back; nobody may use it any more.</summary>
    internal void Return(byte[] memory)
    {
        if (memory.Length == 0)
        {
            return;
        }

        if (memory.Length <= MaxSharedBytes)
        {
            ArrayPool<byte>.Shared.Return(memory);
            return;
        }

        lock (_access)
        {
            if (_keptBytes + memory.Length <= MaxKeptBytes)
            {
                _kept.Add(memory);
                _keptBytes += memory.Length;
            }
        }
    }

    /// <summary>The piece of this size that was returned last: it is the warmest. A larger one would be charged to whoever asked for less.</summary>
    private byte[]? TakeKept(int size)
    {
        lock (_access)
        {
            var index = _kept.FindLastIndex(memory => memory.Length == size);
            if (index < 0)
            {
                return null;
            }

            var memory = _kept[index];
            _kept.RemoveAt(index);
            _keptBytes -= memory.Length;
            return memory;
        }
    }

    // Few sizes, so that what one frame gives back fits the next.
    private static int SizeFor(int bytes) => bytes <= 1 << 30 ? (int)BitOperations.RoundUpToPowerOf2((uint)bytes) : bytes;
}
