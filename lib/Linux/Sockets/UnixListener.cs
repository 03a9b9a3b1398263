using Strata.Linux.Interop;

namespace Strata.Linux;

/// <summary>A listening Unix stream socket: close-on-exec and non-blocking.</summary>
public sealed unsafe class UnixListener : IDisposable
{
    private UnixListener(FileDescriptor handle, string? path) => (Handle, Path) = (handle, path);

    /// <summary>The listening descriptor; <see cref="UnixSocket.TryAccept"/> takes its number.</summary>
    public FileDescriptor Handle { get; }

    /// <summary>Where it is bound; null for an adopted descriptor, whose path belongs to whoever bound it.</summary>
    public string? Path { get; }

    /// <summary>Binds and listens. The path never has a wider mode than asked, not even for an instant, whatever the umask.</summary>
    /// <param name="path">At most <see cref="UnixSocketAddress.MaxPathBytes"/> bytes.</param>
    /// <param name="mode">Permission bits of the socket; writing is what connecting needs.</param>
    /// <param name="backlog">Connections that may wait for accept; the kernel cuts it at <c>net.core.somaxconn</c>. Default 1024.</param>
    /// <param name="replaceExisting">Whether a socket already at the path is unlinked first; anything else there is left and refused. Only for a caller that holds a lock on the directory.</param>
    /// <param name="group">The group that owns the socket, set before anybody can connect; null (default) for our own. Needs to be one of ours, or privilege.</param>
    /// <exception cref="ArgumentException">The path does not fit.</exception>
    /// <exception cref="LinuxException">EADDRINUSE when the path exists, EACCES, ENOENT for a missing directory, ...</exception>
    public static UnixListener Bind(string path, int mode, int backlog = 1024, bool replaceExisting = false, uint? group = null)
    {
        var address = UnixSocketAddress.Of(path);
        if (replaceExisting)
        {
            UnlinkSocket(path);
        }

        const int type = Libc.SOCK_STREAM | Libc.SOCK_CLOEXEC | Libc.SOCK_NONBLOCK;
        var socket = new FileDescriptor(LinuxException.Check(Libc.Result(Libc.socket(Libc.AF_UNIX, type, 0)), "socket"));
        try
        {
            BoundSocket.Bind(socket.Number, address, path, mode, group);
            LinuxException.Check(Libc.Result(Libc.listen(socket.Number, backlog)), "listen", path);
            return new UnixListener(socket, path);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Takes over an inherited descriptor after checking that it is a listening Unix stream socket; makes it close-on-exec and non-blocking.</summary>
    /// <param name="descriptor">The inherited number; owned by the result from here on. Stays the caller's when this throws.</param>
    /// <exception cref="ArgumentException">It is not such a socket; says what it is instead.</exception>
    public static UnixListener Adopt(int descriptor)
    {
        int domain = Libc.IntOption(descriptor, Libc.SO_DOMAIN);
        string? fault = domain switch
        {
            -Errno.EBADF => "is not open",
            < 0 => "is not a socket",
            not Libc.AF_UNIX => "is not a Unix socket",
            _ when Libc.IntOption(descriptor, Libc.SO_TYPE) != Libc.SOCK_STREAM => "is not a stream socket",
            _ when Libc.IntOption(descriptor, Libc.SO_ACCEPTCONN) != 1 => "is not listening",
            _ => null,
        };
        if (fault is not null)
        {
            throw new ArgumentException($"Descriptor {descriptor} {fault}; a listening Unix stream socket was expected.", nameof(descriptor));
        }

        LinuxException.Check(Descriptors.TrySetCloseOnExec(descriptor), "fcntl(F_SETFD)");
        LinuxException.Check(Descriptors.TrySetNonBlocking(descriptor, nonBlocking: true), "fcntl(F_SETFL)");
        return new UnixListener(new FileDescriptor(descriptor), path: null);
    }

    /// <summary>Changes who may connect and how many may wait; who is connected or waits is not concerned.</summary>
    /// <param name="mode">Permission bits of the socket.</param>
    /// <param name="backlog">Connections that may wait for accept.</param>
    /// <param name="group">The group that owns the socket; null for our own.</param>
    /// <exception cref="LinuxException">The socket's name is gone or is something else now, EPERM, ...</exception>
    public void Adjust(int mode, int backlog, uint? group)
    {
        BoundSocket.Own(Path ?? throw new InvalidOperationException("The path of an adopted socket is not ours to change."), mode, group ?? Libc.getegid());
        LinuxException.Check(Libc.Result(Libc.listen(Handle.Number, backlog)), "listen", Path);
    }

    /// <summary>Removes a socket's name; who is connected stays connected. A missing path is fine.</summary>
    /// <param name="path">The socket's path.</param>
    /// <exception cref="LinuxException">EEXIST when something other than a socket is there, EACCES, ...</exception>
    public static void UnlinkSocket(string path)
    {
        int found = FileStatus.TryGetNoFollow(path, out FileStatus status);
        if (found == -Errno.ENOENT)
        {
            return;
        }

        LinuxException.Check(found, "statx", path);
        if (status.Kind != FileKind.Socket)
        {
            throw new LinuxException(Errno.EEXIST, $"a {Describe(status.Kind)} is where the socket belongs and is not removed: unlink", path);
        }

        fixed (byte* name = Libc.CString(path))
        {
            int result = Libc.Result(Libc.unlinkat(Libc.AT_FDCWD, name, 0));
            if (result != -Errno.ENOENT)
            {
                LinuxException.Check(result, "unlink", path);
            }
        }
    }

    private static string Describe(FileKind kind) => kind switch
    {
        FileKind.Regular => "regular file",
        FileKind.SymbolicLink => "symbolic link",
        FileKind.BlockDevice or FileKind.CharacterDevice => "device",
        FileKind.Fifo => "FIFO",
        FileKind.Directory => "directory",
        _ => "file of another kind",
    };

    /// <summary>Closes the descriptor; the path stays, so that clients of a restarted service wait rather than fail. See <see cref="UnlinkSocket"/>.</summary>
    public void Dispose() => Handle.Dispose();
}
