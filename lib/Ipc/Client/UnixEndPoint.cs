using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Strata.Ipc;

/// <summary>
/// The path of a Unix socket to connect to. The runtime's own class for it asks the kernel for an IPv4 and an IPv6 socket
/// first, to learn what there is: for a service that is denied all but Unix sockets these would be two attempts to get out,
/// counted and shown as such.
/// </summary>
internal sealed class UnixEndPoint : EndPoint
{
    /// <summary>Longest path, in bytes of UTF-8: the kernel's 108 without the NUL.</summary>
    internal const int MaxPathBytes = 107;

    private const int PathOffset = sizeof(ushort);

    private readonly byte[] _path;

    /// <summary>Names a path.</summary>
    /// <exception cref="ArgumentException">It is empty or too long for a socket.</exception>
    internal UnixEndPoint(string path)
    {
        _path = Encoding.UTF8.GetBytes(path);
        if (_path.Length is 0 or > MaxPathBytes)
        {
            throw new ArgumentException($"the path of a socket has 1 to {MaxPathBytes} bytes; this one has {_path.Length}", nameof(path));
        }
    }

    public override AddressFamily AddressFamily => AddressFamily.Unix;

    public override SocketAddress Serialize()
    {
        // A path ends with a NUL, the name of an abstract socket with its length.
        var terminator = _path[0] == 0 ? 0 : 1;
        var address = new SocketAddress(AddressFamily.Unix, PathOffset + _path.Length + terminator);
        _path.CopyTo(address.Buffer.Span[PathOffset..]);
        address.Buffer.Span[(PathOffset + _path.Length)..].Clear();
        return address;
    }

    public override EndPoint Create(SocketAddress socketAddress) => this;

    public override string ToString() => Encoding.UTF8.GetString(_path);
}
