using System.Buffers.Binary;
using System.Globalization;
using System.Net.Sockets;
using System.Text;
using Strata.Ipc;

namespace Strata.Bench;

/// <summary>A client that sends a frame and waits for the answer, one after the other on one thread: what it adds to a figure is next to nothing.</summary>
internal sealed class PlainClient : IDisposable
{
    private const int HeaderBytes = 4;

    private readonly Socket _socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly string _token;
    private readonly byte[] _answer = new byte[2 << 20];
    private int _calls;

    private PlainClient(string token) => _token = token;

    internal static PlainClient Connect(string path, string token)
    {
        var client = new PlainClient(token);
        client._socket.Connect(new UnixDomainSocketEndPoint(path));
        return client;
    }

    /// <summary>Calls a method of the service, which must not answer an error.</summary>
    internal void Call(string method, string json)
    {
        var id = (++_calls).ToString(CultureInfo.InvariantCulture);
        _socket.Send(new RpcRequest("sandbox." + method) { Params = Encoding.UTF8.GetBytes(json), Token = _token }.ToFrame(id));
        Receive(0, HeaderBytes);
        var length = BinaryPrimitives.ReadInt32BigEndian(_answer);
        Receive(0, length);
        if (_answer.AsSpan(0, length).IndexOf("\"ok\":true"u8) < 0)
        {
            throw new InvalidOperationException(Encoding.UTF8.GetString(_answer, 0, length));
        }
    }

    public void Dispose() => _socket.Dispose();

    private void Receive(int at, int count)
    {
        while (count > 0)
        {
            var received = _socket.Receive(_answer.AsSpan(at, count), SocketFlags.None);
            (at, count) = received > 0 ? (at + received, count - received) : throw new InvalidOperationException("the service has gone");
        }
    }
}
