using System.Runtime.InteropServices;
using System.Text;

namespace Strata.Fs.Tests;

/// <summary>Calls that only the attacks need.</summary>
internal static unsafe partial class Native
{
    private const int WorkingDirectory = -100;
    private const uint ExchangeNames = 2;

    internal static void MakeFifo(string path) => Assert.Equal(0, mkfifo(path, 0x180));

    /// <summary>Gives a file a further name.</summary>
    internal static void Link(string path, string name) => Assert.Equal(0, link(path, name));

    /// <summary>Swaps two names in one step, the strongest form of a swap attack.</summary>
    internal static int Exchange(string first, string second) => renameat2(WorkingDirectory, first, WorkingDirectory, second, ExchangeNames);

    /// <summary>Makes an empty file with a name that no string can hold.</summary>
    internal static void MakeFile(string directory, ReadOnlySpan<byte> name)
    {
        fixed (byte* path = (byte[])[.. Encoding.UTF8.GetBytes(directory), (byte)'/', .. name, 0])
        {
            var descriptor = creat(path, 0x180);
            Assert.True(descriptor >= 0);
            Assert.Equal(0, close(descriptor));
        }
    }

    /// <summary>Pushes a file out of the page cache, so that the next read waits for the disk.</summary>
    internal static void Forget(string path)
    {
        using var file = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite);
        RandomAccess.FlushToDisk(file);
        Assert.Equal(0, posix_fadvise((int)file.DangerousGetHandle(), 0, 0, 4));
    }

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int mkfifo(string path, uint mode);

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int renameat2(int oldDirectory, string oldPath, int newDirectory, string newPath, uint flags);

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int link(string path, string name);

    [LibraryImport("libc")]
    private static partial int creat(byte* path, uint mode);

    [LibraryImport("libc")]
    private static partial int close(int descriptor);

    [LibraryImport("libc")]
    private static partial int posix_fadvise(int descriptor, long offset, long length, int advice);
}
