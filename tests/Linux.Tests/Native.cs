using System.Runtime.InteropServices;

namespace Strata.Linux.Tests;

/// <summary>Calls that only the attacks need.</summary>
internal static partial class Native
{
    private const int WorkingDirectory = -100;

    internal static int MakeFifo(string path) => mkfifo(path, 0x180);

    /// <summary>Swaps two names in one step (RENAME_EXCHANGE), the strongest form of a swap attack.</summary>
    internal static int Exchange(string first, string second) => renameat2(WorkingDirectory, first, WorkingDirectory, second, 2);

    internal static int OpenWriteNonBlocking(string path)
    {
        int result = open(path, 1 | 0x800 | 0x80000, 0);
        return result < 0 ? -Marshal.GetLastPInvokeError() : result;
    }

    internal static int ChangeOwner(string path, uint uid) => chown(path, uid, uint.MaxValue);

    /// <summary>Opens as careless code does, without close-on-exec.</summary>
    internal static int OpenLeaky(string path) => open(path, 0, 0);

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int chown(string path, uint uid, uint gid);

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int mkfifo(string path, uint mode);

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int renameat2(int oldDirectory, string oldPath, int newDirectory, string newPath, uint flags);

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial int open(string path, int flags, uint mode);
}
