using System.Runtime.InteropServices;

namespace Strata.Linux.Interop;

/// <summary>Calls for whoever fills whole trees.</summary>
internal static unsafe partial class Libc
{
    /// <summary>syncfs(2): all that is not yet written of the file system that a descriptor is of.</summary>
    [LibraryImport(Library, SetLastError = true)]
    internal static partial int syncfs(int fd);
}
