using Strata.Linux.Interop;

namespace Strata.Linux;

/// <summary>Sends datagrams to a Unix socket and never waits. Nothing is kept open on the other side: a receiver that is replaced gets the next one.</summary>
/// <remarks>Not for several threads at once.</remarks>
public sealed unsafe class DatagramSender : IDisposable
{
    private readonly FileDescriptor _socket;
    private readonly UnixSocketAddress _address;

    /// <summary>Makes the socket; whether somebody listens shows with each datagram.</summary>
    /// <param name="path">A path, or <c>@name</c> for an abstract one.</param>
    /// <exception cref="ArgumentException">The path does not fit a socket address.</exception>
    /// <exception cref="LinuxException">No descriptor is left.</exception>
    public DatagramSender(string path)
    {
        _address = UnixSocketAddress.Of(path);
        _socket = new FileDescriptor(LinuxException.Check(
            Libc.Result(Libc.socket(Libc.AF_UNIX, Libc.SOCK_DGRAM | Libc.SOCK_CLOEXEC | Libc.SOCK_NONBLOCK, 0)), "socket"));
    }

    /// <summary>Sends one.</summary>
    /// <param name="datagram">Its bytes.</param>
    /// <returns>0, or a negated <see cref="Errno"/>: EAGAIN when the receiver's queue is full, ECONNREFUSED or ENOENT when there is none, EMSGSIZE.</returns>
    public int TrySend(ReadOnlySpan<byte> datagram)
    {
        byte* raw = stackalloc byte[UnixSocketAddress.StorageBytes];
        _address.CopyTo(raw);
        fixed (byte* bytes = datagram)
        {
            return Math.Min(0, Libc.Result(Libc.sendto(_socket.Number, bytes, (nuint)datagram.Length, Libc.MSG_DONTWAIT | Libc.MSG_NOSIGNAL, raw, _address.Length)));
        }
    }

    /// <summary>Closes the socket.</summary>
    public void Dispose() => _socket.Dispose();
}
