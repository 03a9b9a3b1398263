using System.Runtime.InteropServices;

namespace Strata.Sandbox.Tests;

/// <summary>Calls that only the attacks need.</summary>
internal static partial class Native
{
    private const int WorkingDirectory = -100;
    private const uint ExchangeNames = 2;

    internal static void MakeFifo(string path) => Assert.Equal(0, mkfifo(path, 0x1B6));

    internal static void Link(string path, string name) => Assert.Equal(0, link(path, name));

    internal static void ChangeOwner(string path, uint user) => Assert.Equal(0, lchown(path, user, user));

    internal static void SetAttribute(string path, string name, string value) => Assert.Equal(0, setxattr(path, name, System.Text.Encoding.ASCII.GetBytes(value), (nuint)value.Length, 0));

    internal static string GetAttribute(string path, string name)
    {
        var value = new byte[64];
        var length = (int)getxattr(path, name, value, (nuint)value.Length);
        Assert.True(length >= 0);
        return System.Text.Encoding.ASCII.GetString(value, 0, length);
    }

    /// <summary>Swaps two names in one step, the strongest form of a swap attack.</summary>
    internal static int Exchange(string first, string second) => renameat2(WorkingDirectory, first, WorkingDirectory, second, ExchangeNames);

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int mkfifo(string path, uint mode);

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int renameat2(int oldDirectory, string oldPath, int newDirectory, string newPath, uint flags);

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int link(string path, string name);

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int lchown(string path, uint user, uint group);

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int setxattr(string path, string name, byte[] value, nuint bytes, int flags);

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint getxattr(string path, string name, [Out] byte[] value, nuint bytes);
}
