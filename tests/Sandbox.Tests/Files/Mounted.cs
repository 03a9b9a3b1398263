using System.Runtime.InteropServices;

namespace Strata.Sandbox.Tests;

/// <summary>A file system mounted for a test.</summary>
internal sealed partial class Mounted : IDisposable
{
    private const int Detach = 2;

    private readonly string _path;

    private Mounted(string path) => _path = path;

    internal static Mounted Proc(string path)
    {
        Directory.CreateDirectory(path);
        Assert.Equal(0, mount("proc", path, "proc", 0, null));
        return new Mounted(path);
    }

    public void Dispose() => Assert.Equal(0, umount2(_path, Detach));

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int mount(string source, string target, string type, nuint flags, string? data);

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int umount2(string target, int flags);
}
