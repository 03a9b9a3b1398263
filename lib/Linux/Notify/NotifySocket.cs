using Strata.Linux.Interop;

namespace Strata.Linux;

/// <summary>The receiving end of NOTIFY_SOCKET: a datagram socket on which the kernel names each sender. Not for several threads at once.</summary>
public sealed unsafe class NotifySocket : IDisposable
{
    /// <summary>The longest message; longer ones are dropped and counted.</summary>
    public const int MaxMessageBytes = 4096;

    /// <summary>Descriptors taken from one message; more are closed.</summary>
    public const int MaxDescriptors = 32;

    private readonly byte[] _buffer = new byte[MaxMessageBytes];

    private NotifySocket(FileDescriptor handle, string path) => (Handle, Path) = (handle, path);

    /// <summary>The descriptor to watch for <see cref="EpollEvents.Readable"/>.</summary>
    public FileDescriptor Handle { get; }

    /// <summary>What to give the services as NOTIFY_SOCKET.</summary>
    public string Path { get; }

    /// <summary>Messages dropped because they were too long or had no sender.</summary>
    public long DroppedMessages { get; private set; }

    /// <summary>Binds.</summary>
    /// <param name="path">At most <see cref="UnixSocketAddress.MaxPathBytes"/> bytes.</param>
    /// <param name="mode">Permission bits of the socket. Default 0600: services of the same user.</param>
    /// <param name="replaceExisting">As with <see cref="UnixListener.Bind"/>.</param>
    /// <exception cref="LinuxException">EADDRINUSE, EACCES, ...</exception>
    public static NotifySocket Bind(string path, int mode = 0x180, bool replaceExisting = false)
    {
        var address = UnixSocketAddress.Of(path);
        if (replaceExisting)
        {
            UnixListener.UnlinkSocket(path);
        }

        const int type = Libc.SOCK_DGRAM | Libc.SOCK_CLOEXEC | Libc.SOCK_NONBLOCK;
        var socket = new FileDescriptor(LinuxException.Check(Libc.Result(Libc.socket(Libc.AF_UNIX, type, 0)), "socket"));
        try
        {
            // Before bind: no message may arrive without its sender.
            int on = 1;
            LinuxException.Check(
                Libc.Result(Libc.setsockopt(socket.Number, Libc.SOL_SOCKET, Libc.SO_PASSCRED, &on, sizeof(int))), "setsockopt(SO_PASSCRED)");
            BoundSocket.Bind(socket.Number, address, path, mode);
            return new NotifySocket(socket, path);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Takes the next message. Descriptors that came along are closed, unless it says FDSTORE=1.</summary>
    /// <param name="message">The message when the result is 1; null when it was dropped.</param>
    /// <returns>1 for a message or a dropped one, or a negated <see cref="Errno"/> (EAGAIN: none waits).</returns>
    public int TryReceive(out NotifyMessage? message)
    {
        message = null;
        byte* control = stackalloc byte[ControlMessages.BufferBytes];
        fixed (byte* start = _buffer)
        {
            var vector = new Libc.IoVector { Base = start, Length = MaxMessageBytes };
            var header = new Libc.MessageHeader
            {
                Vectors = &vector, VectorCount = 1, Control = control, ControlLength = ControlMessages.BufferBytes,
            };
            int result = Libc.Result(Libc.recvmsg(Handle.Number, &header, Libc.MSG_DONTWAIT | Libc.MSG_CMSG_CLOEXEC));
            if (result < 0)
            {
                return result;
            }

            Span<int> numbers = stackalloc int[MaxDescriptors];
            PeerCredentials? sender = ControlMessages.Collect(header, numbers, out int received, out _);
            FileDescriptor[] descriptors = [.. numbers[..received].ToArray().Select(number => new FileDescriptor(number))];
            if (sender is { } known && (header.Flags & Libc.MSG_TRUNC) == 0)
            {
                message = NotifyMessage.Parse(_buffer.AsSpan(0, result), known);
                message = message with { Descriptors = message.Stores ? descriptors : [] };
            }
            else
            {
                DroppedMessages++;
            }

            if (message is not { Stores: true })
            {
                Array.ForEach(descriptors, descriptor => descriptor.Dispose());
            }

            return 1;
        }
    }

    /// <summary>Closes the socket; the path stays, see <see cref="UnixListener.UnlinkSocket"/>.</summary>
    public void Dispose() => Handle.Dispose();
}
