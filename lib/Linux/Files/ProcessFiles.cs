using System.Runtime.CompilerServices;
using Strata.Linux.Interop;

namespace Strata.Linux;

/// <summary>What a proc file system has for each process: its memory, its environment, its open files.</summary>
internal static unsafe class ProcessFiles
{
    /// <summary>The inode of such a file system's root.</summary>
    internal const ulong RootInode = 1;

    private const uint ProcMagic = 0x9fa0;

    /// <summary>Whether something is on a proc file system.</summary>
    internal static bool IsProc(int descriptor)
    {
        Libc.StatfsBuffer buffer;
        return Libc.Result(Libc.fstatfs(descriptor, &buffer)) >= 0 && buffer.Type == ProcMagic;
    }

    /// <summary>Whether something is on a file system that shows processes, devices or the kernel and stores nothing; also when that cannot be told.</summary>
    internal static bool IsPseudo(int descriptor)
    {
        Libc.StatfsBuffer buffer;
        return Libc.Result(Libc.fstatfs(descriptor, &buffer)) < 0 || (uint)buffer.Type is
            ProcMagic or 0x62656572 or 0x27e0eb or 0x63677270 // proc, sysfs, both cgroups
            or 0x1cd1 or 0x19800202 or 0x64626720 or 0x74726163 // devpts, mqueue, debugfs, tracefs
            or 0x73636673 or 0xcafe4a11 or 0x6165676c or 0x42494e4d // securityfs, bpf, pstore, binfmt_misc
            or 0x62656570 or 0xde5e81e4 or 0x6e736673; // configfs, efivarfs, nsfs
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
