using System.IO.Compression;
using Strata.Linux;

namespace Strata.Sandbox;

/// <summary>A packed layer on disk, told apart by how it begins: what it is called is only somebody's word.</summary>
internal static class LayerFile
{
    // A frame may be one that is passed over, with a number in its first byte.
    private const byte SkippedFrame = 0x50;

    private static ReadOnlySpan<byte> Gzip => [0x1f, 0x8b];

    private static ReadOnlySpan<byte> Zstandard => [0x28, 0xb5, 0x2f, 0xfd];

    private static ReadOnlySpan<byte> Skipped => [0x2a, 0x4d, 0x18];

    /// <summary>How a file is packed.</summary>
    internal static Packing PackingOf(Stream file)
    {
        Span<byte> start = stackalloc byte[4];
        int read = file.ReadAtLeast(start, 4, throwOnEndOfStream: false);
        file.Position -= read;
        start = start[..read];
        return start.StartsWith(Gzip) ? Packing.Gzip
            : start.SequenceEqual(Zstandard) || (read == 4 && (start[0] & 0xf0) == SkippedFrame && start[1..].SequenceEqual(Skipped)) ? Packing.Zstandard
            : Packing.None;
    }

    /// <summary>What a file unpacks to; null when it is not packed.</summary>
    /// <exception cref="ArchiveException">This machine cannot unpack it.</exception>
    internal static Stream? Unpacked(Stream packed, Packing packing) => packing switch
    {
        Packing.Gzip => new GZipStream(packed, CompressionMode.Decompress, leaveOpen: true),
        Packing.Zstandard => ZstandardDecoder.IsAvailable ? new ZstandardStream(packed) : throw NoZstandard(),
        _ => null,
    };

    /// <summary>The machine lacks what unpacks a layer.</summary>
    internal static ArchiveException NoZstandard() => new("it is packed with zstd, and libzstd.so.1 is not installed; install libzstd1, or push the image with layers of tar+gzip");

    /// <summary>Unpacks a layer into the store, unless it is there.</summary>
    /// <param name="store">Where to.</param>
    /// <param name="file">The layer at its beginning; may be followed by others.</param>
    /// <param name="bytes">How long it is.</param>
    /// <param name="expected">What it must be unpacked; null for whatever it is.</param>
    /// <param name="limits">The bounds.</param>
    /// <param name="cancellation">Ends it.</param>
    internal static LayerRecord Unpack(ImageStore store, Stream file, long bytes, Digest? expected, UnpackLimits limits, CancellationToken cancellation)
    {
        var packing = PackingOf(file);
        using var part = new PartStream(file, bytes);
        using var unpacked = Unpacked(part, packing);
        using var metered = new MeteredStream(unpacked ?? part, unpacked is null ? null : () => part.Taken, limits, cancellation);
        try
        {
            return store.Layers.Unpack(metered, expected, cancellation);
        }
        catch (InvalidDataException e)
        {
            throw new ArchiveException($"a layer is damaged: {e.Message}");
        }
    }
}
