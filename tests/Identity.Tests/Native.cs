using System.Runtime.InteropServices;

namespace Strata.Identity.Tests;

/// <summary>
/// Calls that only the attacks need. No child process does them: between fork and exec a child would hold the locks of every
/// other test.
/// </summary>
internal static partial class Native
{
    private const int Detach = 2;

    internal static int ChangeOwner(string path, uint uid) => chown(path, uid, uint.MaxValue);

    internal static bool MountMemory(string path, string options) => mount("tmpfs", path, "tmpfs", 0, options) == 0;

    internal static void Unmount(string path) => _ = umount2(path, Detach);

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int chown(string path, uint uid, uint gid);

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int mount(string source, string target, string type, ulong flags, string options);

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int umount2(string target, int flags);
}
