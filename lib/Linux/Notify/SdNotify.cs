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
    public static bool Send(string message)
    {
        string? path = Environment.GetEnvironmentVariable(Variable);
        if (string.IsNullOrEmpty(path))
        {
            return false;
        }

        SendTo(path, message);
        return true;
    }

    /// <summary>As <see cref="Send"/>, to a socket named directly.</summary>
    /// <param name="path">A path, or <c>@name</c>.</param>
    /// <param name="message">The assignments.</param>
    /// <exception cref="ArgumentException">The path does not fit a socket address.</exception>
    /// <exception cref="LinuxException">The supervisor does not listen or does not read.</exception>
    public static void SendTo(string path, string message)
    {
        var address = UnixSocketAddress.Of(path);
        using var socket = new FileDescriptor(
            LinuxException.Check(Libc.Result(Libc.socket(Libc.AF_UNIX, Libc.SOCK_DGRAM | Libc.SOCK_CLOEXEC, 0)), "socket"));
        long* timeout = stackalloc long[2] { SendTimeoutSeconds, 0 }; // struct timeval of a 64-bit machine.
        LinuxException.Check(
            Libc.Result(Libc.setsockopt(socket.Number, Libc.SOL_SOCKET, Libc.SO_SNDTIMEO, timeout, 2 * sizeof(long))), "setsockopt(SO_SNDTIMEO)");
        byte* raw = stackalloc byte[UnixSocketAddress.StorageBytes];
        address.CopyTo(raw);
        fixed (byte* bytes = Encoding.UTF8.GetBytes(message))
        {
            int length = Encoding.UTF8.GetByteCount(message);
            int sent;
            do
            {
                sent = Libc.Result(Libc.sendto(socket.Number, bytes, (nuint)length, Libc.MSG_NOSIGNAL, raw, address.Length));
            }
            while (sent == -Errno.EINTR);
            LinuxException.Check(sent, "sendto", path);
        }
    }
}
