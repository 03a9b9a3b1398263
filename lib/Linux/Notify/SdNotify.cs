using System.Text;
using Strata.Linux.Interop;

namespace Strata.Linux;

/// <summary>The sending end of the sd_notify protocol.</summary>
public static unsafe class SdNotify
{
    /// <summary>The variable that names the supervisor's socket: a path, or <c>@name</c> for an abstract one.</summary>
    public const string Variable = "NOTIFY_SOCKET";

    /// <summary>How long to wait while the supervisor's queue is full, seconds.</summary>
    public const int SendTimeoutSeconds = 5;

    /// <summary>Sends assignments such as <c>READY=1</c>, several separated by newlines, to the supervisor.</summary>
    /// <param name="message">The assignments.</param>
    /// <returns>False when nobody asked to be told (the variable is not set).</returns>
    /// <exception cref="LinuxException">The supervisor does not listen or does not read (EAGAIN after <see cref="SendTimeoutSeconds"/>).</exception>
    public static bool Send(string message) => Send(message, []);

    /// <summary>As <see cref="Send(string)"/>, with descriptors for the supervisor to keep (<c>FDSTORE=1</c>). They stay open here.</summary>
    /// <param name="message">The assignments.</param>
    /// <param name="descriptors">At most <see cref="NotifySocket.MaxDescriptors"/> open descriptors.</param>
    /// <returns>False when nobody asked to be told.</returns>
    /// <exception cref="LinuxException">The supervisor does not listen or does not read; EINVAL for too many descriptors.</exception>
    public static bool Send(string message, ReadOnlySpan<int> descriptors)
    {
        string? path = Environment.GetEnvironmentVariable(Variable);
        if (string.IsNullOrEmpty(path))
        {
            return false;
        }

        SendTo(path, message, descriptors);
        return true;
    }

    /// <summary>As <see cref="Send(string)"/>, to a socket named directly.</summary>
    /// <param name="path">A path, or <c>@name</c>.</param>
    /// <param name="message">The assignments.</param>
    /// <exception cref="ArgumentException">The path does not fit a socket address.</exception>
    /// <exception cref="LinuxException">The supervisor does not listen or does not read.</exception>
    public static void SendTo(string path, string message) => SendTo(path, message, []);

    /// <summary>As <see cref="SendTo(string, string)"/>, with descriptors.</summary>
    /// <param name="path">A path, or <c>@name</c>.</param>
    /// <param name="message">The assignments.</param>
    /// <param name="descriptors">At most <see cref="NotifySocket.MaxDescriptors"/> open descriptors.</param>
    /// <exception cref="ArgumentException">The path does not fit a socket address.</exception>
    /// <exception cref="LinuxException">The supervisor does not listen or does not read; EINVAL for too many descriptors.</exception>
    public static void SendTo(string path, string message, ReadOnlySpan<int> descriptors)
    {
        if (descriptors.Length > NotifySocket.MaxDescriptors)
        {
            throw new LinuxException(Errno.EINVAL, $"sending {descriptors.Length} descriptors, of which at most {NotifySocket.MaxDescriptors} are taken, by sendmsg", path);
        }

        var address = UnixSocketAddress.Of(path);
        using var socket = new FileDescriptor(
            LinuxException.Check(Libc.Result(Libc.socket(Libc.AF_UNIX, Libc.SOCK_DGRAM | Libc.SOCK_CLOEXEC, 0)), "socket"));
        long* timeout = stackalloc long[2] { SendTimeoutSeconds, 0 }; // struct timeval of a 64-bit machine.
        LinuxException.Check(
            Libc.Result(Libc.setsockopt(socket.Number, Libc.SOL_SOCKET, Libc.SO_SNDTIMEO, timeout, 2 * sizeof(long))), "setsockopt(SO_SNDTIMEO)");
        byte* raw = stackalloc byte[UnixSocketAddress.StorageBytes];
        address.CopyTo(raw);
        int dataBytes = descriptors.Length * sizeof(int);
        byte* control = stackalloc byte[ControlMessages.BufferBytes];
        *(Libc.ControlHeader*)control = new Libc.ControlHeader { Length = (nuint)(sizeof(Libc.ControlHeader) + dataBytes), Level = Libc.SOL_SOCKET, Type = Libc.SCM_RIGHTS };
        descriptors.CopyTo(new Span<int>(control + sizeof(Libc.ControlHeader), descriptors.Length));
        fixed (byte* bytes = Encoding.UTF8.GetBytes(message))
        {
            var vector = new Libc.IoVector { Base = bytes, Length = (nuint)Encoding.UTF8.GetByteCount(message) };
            var header = new Libc.MessageHeader { Name = raw, NameLength = address.Length, Vectors = &vector, VectorCount = 1 };
            if (!descriptors.IsEmpty)
            {
                header.Control = control;
                header.ControlLength = (nuint)ControlMessages.Align(sizeof(Libc.ControlHeader) + dataBytes);
            }

            int sent;
            do
            {
                sent = Libc.Result(Libc.sendmsg(socket.Number, &header, Libc.MSG_NOSIGNAL));
            }
            while (sent == -Errno.EINTR);
            LinuxException.Check(sent, "sendmsg", path);
        }
    }
}
