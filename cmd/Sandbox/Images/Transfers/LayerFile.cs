using System.IO.Compression;

namespace Strata.Sandbox;

/// <summary>A packed layer on disk, told apart by how it begins: what it is called is only somebody's word.</summary>
internal static class LayerFile
{
    private static ReadOnlySpan<byte> Gzip => [0x1f, 0x8b];

    private static ReadOnlySpan<byte> Zstandard => [0x28, 0xb5, 0x2f, 0xfd];

    /// <summary>Whether it is packed in the way that is read.</summary>
    /// <exception cref="ArchiveException">It is packed in another one.</exception>
    internal static bool IsPacked(Stream file)
    {
        Span<byte> start = stackalloc byte[4];
        int read = file.ReadAtLeast(start, 4, throwOnEndOfStream: false);
        file.Position -= read;
        return start[..read].SequenceEqual(Zstandard) ? throw new ArchiveException("a layer is packed with zstd, which is not read; push the image with layers of tar+gzip")
            : start[..read].StartsWith(Gzip);
    }

    /// <summary>Unpacks a layer into the store, unless it is there.</summary>
    /// <param name="store">Where to.</param>
    /// <param name="file">The layer at its beginning; may be followed by others.</param>
    /// <param name="bytes">How long it is.</param>
    /// <param name="expected">What it must be unpacked; null for whatever it is.</param>
    /// <param name="limits">The bounds.</param>
    /// <param name="cancellation">Ends it.</param>
    internal static LayerRecord Unpack(ImageStore store, Stream file, long bytes, Digest? expected, UnpackLimits limits, CancellationToken cancellation)
    {
        var packed = IsPacked(file);
        using var part = new PartStream(file, bytes);
        using var gzip = packed ? new GZipStream(part, CompressionMode.Decompress) : null;
        using var metered = new MeteredStream(gzip ?? (Stream)part, packed ? () => part.Taken : null, limits, cancellation);
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
