using System.Runtime.InteropServices;

namespace Strata.Sandbox.Tests;

/// <summary>A file system mounted for a test.</summary>
internal sealed partial class Mounted : IDisposable
{
    private const int Detach = 2;

    private readonly string _path;

    private Mounted(string path) => _path = path;

    internal static Mounted Proc(string path) => Of("proc", path);

    /// <summary>A disk of its own, as small as is said, in bytes.</summary>
    internal static Mounted Tmpfs(string path, long bytes) => Of("tmpfs", path, System.FormattableString.Invariant($"mode=0700,size={bytes}"));

    internal static Mounted Of(string type, string path, string? options = null)
    {
        Directory.CreateDirectory(path);
        Assert.Equal(0, mount(type, path, type, 0, options));
        return new Mounted(path);
    }

    public void Dispose() => Assert.Equal(0, umount2(_path, Detach));

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int mount(string source, string target, string type, nuint flags, string? data);

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int umount2(string target, int flags);
}
