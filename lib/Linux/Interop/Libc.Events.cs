using System.Runtime.InteropServices;

namespace Strata.Linux.Interop;

/// <summary>epoll(7) and eventfd(2).</summary>
internal static unsafe partial class Libc
{
    internal const int EPOLL_CLOEXEC = 0x80000;
    internal const int EPOLL_CTL_ADD = 1;
    internal const int EPOLL_CTL_DEL = 2;
    internal const int EPOLL_CTL_MOD = 3;
    internal const int EFD_CLOEXEC = 0x80000;
    internal const int EFD_NONBLOCK = 0x800;

    /// <summary>epoll_create1(2).</summary>
    [LibraryImport(Library, SetLastError = true)]
    internal static partial int epoll_create1(int flags);

    /// <summary>epoll_ctl(2): reads one epoll_event (laid out by the architecture, see <see cref="Epoll"/>) from ev.</summary>
    [LibraryImport(Library, SetLastError = true)]
    internal static partial int epoll_ctl(int epfd, int op, int fd, byte* ev);

    /// <summary>epoll_wait(2): writes at most maxevents records to events; EINTR when a signal came first.</summary>
    [LibraryImport(Library, SetLastError = true)]
    internal static partial int epoll_wait(int epfd, byte* events, int maxevents, int timeoutMs);

    /// <summary>eventfd(2).</summary>
    [LibraryImport(Library, SetLastError = true)]
    internal static partial int eventfd(uint initial, int flags);
}
