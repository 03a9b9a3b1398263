using System.Runtime.InteropServices;

namespace Strata.Linux.Interop;

/// <summary>Sockets. Constants are those of the generic ABI, equal on x86-64 and arm64.</summary>
internal static unsafe partial class Libc
{
    internal const int AF_UNIX = 1;
    internal const int SOCK_STREAM = 1;
    internal const int SOCK_DGRAM = 2;
    internal const int SOCK_NONBLOCK = 0x800;
    internal const int SOCK_CLOEXEC = 0x80000;
    internal const int SOL_SOCKET = 1;
    internal const int SO_TYPE = 3;
    internal const int SO_RCVBUF = 8;
    internal const int SO_PASSCRED = 16;
    internal const int SO_PEERCRED = 17;
    internal const int SO_SNDTIMEO = 21;
    internal const int SO_ACCEPTCONN = 30;
    internal const int SO_DOMAIN = 39;
    internal const int SO_PEERPIDFD = 77;
    internal const int MSG_CTRUNC = 0x8;
    internal const int MSG_TRUNC = 0x20;
    internal const int MSG_DONTWAIT = 0x40;
    internal const int MSG_NOSIGNAL = 0x4000;
    internal const int MSG_CMSG_CLOEXEC = 0x40000000;
    internal const int SCM_RIGHTS = 1;
    internal const int SCM_CREDENTIALS = 2;

    /// <summary>struct iovec.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct IoVector
    {
        internal byte* Base;
        internal nuint Length;
    }

    /// <summary>struct msghdr of a 64-bit machine; padding is explicit so that libraries that read 32-bit lengths agree.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct MessageHeader
    {
        internal byte* Name;
        internal uint NameLength;
        private readonly uint _padding;
        internal IoVector* Vectors;
        internal nuint VectorCount;
        internal byte* Control;
        internal nuint ControlLength;
        internal int Flags;
    }

    /// <summary>struct cmsghdr of a 64-bit machine: 16 bytes, data follows at once, records align to 8.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct ControlHeader
    {
        internal nuint Length;
        internal int Level;
        internal int Type;
    }

    /// <summary>socket(2).</summary>
    [LibraryImport(Library, SetLastError = true)]
    internal static partial int socket(int domain, int type, int protocol);

    /// <summary>socketpair(2): writes two descriptors to fds.</summary>
    [LibraryImport(Library, SetLastError = true)]
    internal static partial int socketpair(int domain, int type, int protocol, int* fds);

    /// <summary>bind(2): a path is created with mode (socket inode's mode AND NOT umask).</summary>
    [LibraryImport(Library, SetLastError = true)]
    internal static partial int bind(int fd, byte* address, uint length);

    /// <summary>getsockname(2): length holds the room and receives the address's length.</summary>
    [LibraryImport(Library, SetLastError = true)]
    internal static partial int getsockname(int fd, byte* address, uint* length);

    /// <summary>listen(2): before it every connect is refused.</summary>
    [LibraryImport(Library, SetLastError = true)]
    internal static partial int listen(int fd, int backlog);

    /// <summary>connect(2): on AF_UNIX it waits while the backlog is full, or answers EAGAIN when non-blocking.</summary>
    [LibraryImport(Library, SetLastError = true)]
    internal static partial int connect(int fd, byte* address, uint length);

    /// <summary>accept4(2): address and length may be null.</summary>
    [LibraryImport(Library, SetLastError = true)]
    internal static partial int accept4(int fd, byte* address, uint* length, int flags);

    /// <summary>recv(2).</summary>
    [LibraryImport(Library, SetLastError = true)]
    internal static partial nint recv(int fd, byte* buf, nuint length, int flags);

    /// <summary>send(2).</summary>
    [LibraryImport(Library, SetLastError = true)]
    internal static partial nint send(int fd, byte* buf, nuint length, int flags);

    /// <summary>sendto(2).</summary>
    [LibraryImport(Library, SetLastError = true)]
    internal static partial nint sendto(int fd, byte* buf, nuint length, int flags, byte* address, uint addressLength);

    /// <summary>recvmsg(2): rewrites ControlLength and Flags of the header.</summary>
    [LibraryImport(Library, SetLastError = true)]
    internal static partial nint recvmsg(int fd, MessageHeader* message, int flags);

    /// <summary>sendmsg(2).</summary>
    [LibraryImport(Library, SetLastError = true)]
    internal static partial nint sendmsg(int fd, MessageHeader* message, int flags);

    /// <summary>shutdown(2).</summary>
    [LibraryImport(Library, SetLastError = true)]
    internal static partial int shutdown(int fd, int how);

    /// <summary>getsockopt(2): length holds the buffer's size and receives the value's.</summary>
    [LibraryImport(Library, SetLastError = true)]
    internal static partial int getsockopt(int fd, int level, int name, void* value, uint* length);

    /// <summary>setsockopt(2).</summary>
    [LibraryImport(Library, SetLastError = true)]
    internal static partial int setsockopt(int fd, int level, int name, void* value, uint length);

    /// <summary>Reads an int option: its value, or a negated error.</summary>
    internal static int IntOption(int fd, int name)
    {
        int value;
        uint length = sizeof(int);
        int result = Result(getsockopt(fd, SOL_SOCKET, name, &value, &length));
        return result < 0 ? result : value;
    }
}
