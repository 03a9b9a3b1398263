using System.Runtime.CompilerServices;
using Strata.Linux.Interop;

namespace Strata.Linux;

/// <summary>What a proc file system has for each process: its memory, its environment, its open files.</summary>
internal static unsafe class ProcessFiles
{
    /// <summary>The inode of such a file system's root.</summary>
    internal const ulong RootInode = 1;

    private const long ProcMagic = 0x9fa0;

    /// <summary>Whether something is on a proc file system.</summary>
    internal static bool IsProc(int descriptor)
    {
        Libc.StatfsBuffer buffer;
        return Libc.Result(Libc.fstatfs(descriptor, &buffer)) >= 0 && buffer.Type == ProcMagic;
    }

    /// <summary>Whether a directory in the root of one is a process's, which its number names.</summary>
    [SkipLocalsInit]
    internal static bool IsProcess(int directory)
    {
        byte* own = stackalloc byte[DescriptorPath.MaxBytes];
        byte* path = stackalloc byte[BeneathRoot.MaxPathBytes];
        DescriptorPath.Write(directory, own);
        int length = Libc.Result(Libc.readlink(own, path, BeneathRoot.MaxPathBytes));
        // What cannot be told is taken for one.
        return length < 0 || !new Span<byte>(path, length)[(new Span<byte>(path, length).LastIndexOf((byte)'/') + 1)..].ContainsAnyExceptInRange((byte)'0', (byte)'9');
    }
}
