using System.Runtime.InteropServices;

namespace Strata.Linux.Interop;

/// <summary>inotify(7).</summary>
internal static unsafe partial class Libc
{
    internal const int IN_NONBLOCK = 0x800;
    internal const int IN_CLOEXEC = 0x80000;

    /// <summary>inotify_init1(2): EMFILE also when the user has as many as it may.</summary>
    [LibraryImport(Library, SetLastError = true)]
    internal static partial int inotify_init1(int flags);

    /// <summary>inotify_add_watch(2): one watch an inode; a second call answers the first one's number. ENOSPC when the user has as many as it may.</summary>
    [LibraryImport(Library, SetLastError = true)]
    internal static partial int inotify_add_watch(int fd, byte* path, uint mask);

    /// <summary>inotify_rm_watch(2): the number is not given again soon.</summary>
    [LibraryImport(Library, SetLastError = true)]
    internal static partial int inotify_rm_watch(int fd, int watch);
}
