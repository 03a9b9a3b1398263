using System.Runtime.InteropServices;

namespace Strata.Linux.Interop;

/// <summary>Calls that tell where something open is.</summary>
internal static unsafe partial class Libc
{
    /// <summary>readlink(2): writes no NUL, and cuts what does not fit.</summary>
    [LibraryImport(Library, SetLastError = true)]
    internal static partial nint readlink(byte* path, byte* buf, nuint bytes);

    /// <summary>fstatfs(2): also of an O_PATH descriptor.</summary>
    [LibraryImport(Library, SetLastError = true)]
    internal static partial int fstatfs(int fd, StatfsBuffer* buffer);

    /// <summary>struct statfs of 64-bit machines; only the field used is named.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 128)]
    internal struct StatfsBuffer
    {
        [FieldOffset(0)] internal long Type;
    }
}
