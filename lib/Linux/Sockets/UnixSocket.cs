using Strata.Linux.Interop;

namespace Strata.Linux;

/// <summary>Calls on Unix sockets for an event loop. Each answers a result of at least 0, or a negated <see cref="Errno"/>; none blocks, throws or allocates unless it says so.</summary>
public static unsafe class UnixSocket
{
    private const int StreamType = Libc.SOCK_STREAM | Libc.SOCK_CLOEXEC;

    /// <summary>Takes the next connection: close-on-exec and non-blocking.</summary>
    /// <param name="listener">A listening socket.</param>
    /// <returns>A descriptor the caller owns. EAGAIN: none waits. EMFILE, ENFILE, ENOBUFS, ENOMEM: exhaustion, the connection still waits, so back off instead of spinning.</returns>
    public static int TryAccept(int listener) =>
        Libc.Result(Libc.accept4(listener, null, null, Libc.SOCK_NONBLOCK | Libc.SOCK_CLOEXEC));

    /// <summary>Receives what is there without waiting; 0 means the peer closed its writing side.</summary>
    /// <param name="socket">A connected socket.</param>
    /// <param name="buffer">Where the bytes go; must not be empty, or 0 is ambiguous.</param>
    public static int TryReceive(int socket, Span<byte> buffer)
    {
        fixed (byte* start = buffer)
        {
            return Libc.Result(Libc.recv(socket, start, (nuint)buffer.Length, Libc.MSG_DONTWAIT));
        }
    }

    /// <summary>Sends as much as is taken without waiting and without SIGPIPE. EAGAIN: no room; EPIPE, ECONNRESET: the peer is gone.</summary>
    /// <param name="socket">A connected socket.</param>
    /// <param name="bytes">The bytes.</param>
    public static int TrySend(int socket, ReadOnlySpan<byte> bytes)
    {
        fixed (byte* start = bytes)
        {
            return Libc.Result(Libc.send(socket, start, (nuint)bytes.Length, Libc.MSG_DONTWAIT | Libc.MSG_NOSIGNAL));
        }
    }

    /// <summary>Closes one or both directions for every holder of the socket.</summary>
    /// <param name="socket">A connected socket.</param>
    /// <param name="direction">Which.</param>
    public static int TryShutdown(int socket, ShutdownDirection direction) => Libc.Result(Libc.shutdown(socket, (int)direction));

    /// <summary>Makes an unconnected, non-blocking stream socket.</summary>
    /// <returns>A descriptor the caller owns.</returns>
    public static int TryCreateStream() => Libc.Result(Libc.socket(Libc.AF_UNIX, StreamType | Libc.SOCK_NONBLOCK, 0));

    /// <summary>Connects. On a non-blocking socket it answers at once: EAGAIN when the listener's backlog is full, ECONNREFUSED when nobody listens, ENOENT when nothing is there.</summary>
    /// <param name="socket">An unconnected socket.</param>
    /// <param name="address">Where to.</param>
    public static int TryConnect(int socket, in UnixSocketAddress address)
    {
        byte* raw = stackalloc byte[UnixSocketAddress.StorageBytes];
        address.CopyTo(raw);
        return Libc.Result(Libc.connect(socket, raw, address.Length));
    }

    /// <summary>A new connected stream socket. May wait while the backlog is full.</summary>
    /// <param name="path">The listener's path.</param>
    /// <param name="nonBlocking">Whether the socket is non-blocking once connected. Default true.</param>
    /// <exception cref="ArgumentException">The path does not fit a socket address.</exception>
    /// <exception cref="LinuxException">Nobody listens there, or permission is missing.</exception>
    public static FileDescriptor Connect(string path, bool nonBlocking = true)
    {
        var address = UnixSocketAddress.Of(path);
        var socket = new FileDescriptor(LinuxException.Check(Libc.Result(Libc.socket(Libc.AF_UNIX, StreamType, 0)), "socket"));
        int result = TryConnect(socket.Number, address);
        if (result >= 0 && nonBlocking)
        {
            result = Descriptors.TrySetNonBlocking(socket.Number, nonBlocking: true);
        }

        if (result < 0)
        {
            socket.Dispose();
            throw new LinuxException(result, "connect", path);
        }

        return socket;
    }

    /// <summary>Two stream sockets connected to each other, close-on-exec.</summary>
    /// <param name="nonBlocking">Whether both are non-blocking. Default true.</param>
    /// <exception cref="LinuxException">No descriptor is left.</exception>
    public static (FileDescriptor First, FileDescriptor Second) Pair(bool nonBlocking = true)
    {
        int* ends = stackalloc int[2];
        int type = StreamType | (nonBlocking ? Libc.SOCK_NONBLOCK : 0);
        LinuxException.Check(Libc.Result(Libc.socketpair(Libc.AF_UNIX, type, 0, ends)), "socketpair");
        return (new FileDescriptor(ends[0]), new FileDescriptor(ends[1]));
    }
}
