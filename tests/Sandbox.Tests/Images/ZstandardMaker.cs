using System.Runtime.InteropServices;

namespace Strata.Sandbox.Tests;

/// <summary>Zstandard frames: as the library packs them, and as nobody should.</summary>
internal static partial class ZstandardMaker
{
    private const int MaxBlock = 128 * 1024;

    /// <summary>32 MiB, as the header has it.</summary>
    internal const byte LargestWindow = 15 << 3;

    internal static byte[] Pack(byte[] content, int level = 19)
    {
        var packed = new byte[ZSTD_compressBound((nuint)content.Length)];
        var length = ZSTD_compress(packed, (nuint)packed.Length, content, (nuint)content.Length, level);
        return packed[..(int)length];
    }

    /// <summary>A frame of blocks of one byte each said to be as long as may be: 32768 times its size.</summary>
    internal static byte[] Bomb(long bytes, byte window = LargestWindow)
    {
        var frame = new List<byte> { 0x28, 0xb5, 0x2f, 0xfd, 0, window };
        for (long left = bytes; left > 0; left -= MaxBlock)
        {
            var size = (int)Math.Min(left, MaxBlock);
            var header = (size << 3) | (1 << 1) | (left <= MaxBlock ? 1 : 0);
            frame.AddRange([(byte)header, (byte)(header >> 8), (byte)(header >> 16), 0]);
        }

        return [.. frame];
    }

    /// <summary>A frame that is passed over.</summary>
    internal static byte[] Skipped(params byte[] content) => [0x5a, 0x2a, 0x4d, 0x18, (byte)content.Length, 0, 0, 0, .. content];

    [LibraryImport("libzstd.so.1")]
    private static partial nuint ZSTD_compressBound(nuint size);

    [LibraryImport("libzstd.so.1")]
    private static partial nuint ZSTD_compress(byte[] target, nuint capacity, byte[] source, nuint size, int level);
}
