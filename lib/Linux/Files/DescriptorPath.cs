using Strata.Linux.Interop;

namespace Strata.Linux;

/// <summary>The kernel's own name of an open descriptor, by which calls that take only a path reach the very inode that was judged.</summary>
internal static unsafe class DescriptorPath
{
    /// <summary>Room for the longest, its NUL included.</summary>
    internal const int MaxBytes = 32;

    /// <summary>Writes <c>/proc/self/fd/N</c> and a NUL.</summary>
    internal static void Write(int descriptor, byte* path)
    {
        var room = new Span<byte>(path, MaxBytes);
        "/proc/self/fd/"u8.CopyTo(room);
        descriptor.TryFormat(room[14..], out int digits);
        room[14 + digits] = 0;
    }
}
