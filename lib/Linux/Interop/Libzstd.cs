using System.Runtime.InteropServices;

namespace Strata.Linux.Interop;

// Names here are the library's own.
#pragma warning disable IDE1006
/// <summary>libzstd's stable interface, looked for beside the program and then where the system looks. A result is a count, or an error that <see cref="ZSTD_isError"/> knows.</summary>
internal static unsafe partial class Libzstd
{
    private const string Library = "libzstd.so.1";

    /// <summary>ZSTD_d_windowLogMax: the largest window that is taken, as a power of two.</summary>
    internal const int MaxWindowLog = 100;

    /// <summary>ZSTD_inBuffer and ZSTD_outBuffer: bytes, how many, and how far they are used.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct Buffer
    {
        internal byte* Bytes;
        internal nuint Size;
        internal nuint Position;
    }

    [LibraryImport(Library)]
    internal static partial uint ZSTD_versionNumber();

    /// <summary>Null without memory.</summary>
    [LibraryImport(Library)]
    internal static partial nint ZSTD_createDCtx();

    [LibraryImport(Library)]
    internal static partial nuint ZSTD_freeDCtx(nint context);

    [LibraryImport(Library)]
    internal static partial nuint ZSTD_DCtx_setParameter(nint context, int parameter, int value);

    /// <summary>0 at the end of a frame, otherwise a hint of how much it wants.</summary>
    [LibraryImport(Library)]
    internal static partial nuint ZSTD_decompressStream(nint context, Buffer* output, Buffer* input);

    [LibraryImport(Library)]
    internal static partial uint ZSTD_isError(nuint result);

    /// <summary>A static text.</summary>
    [LibraryImport(Library)]
    internal static partial byte* ZSTD_getErrorName(nuint result);
}
