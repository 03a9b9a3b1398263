using System.Buffers.Binary;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;

namespace Strata.Hosting.Tests.Server;

/// <summary>A client that speaks bytes, so that it can misbehave.</summary>
internal sealed class RawClient : IDisposable
{
    private readonly Socket _socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified)
    {
        ReceiveTimeout = (int)Patience.Limit.TotalMilliseconds,
        SendTimeout = (int)Patience.Limit.TotalMilliseconds,
    };

    internal RawClient(string path) => _socket.Connect(new UnixDomainSocketEndPoint(path));

    internal static byte[] Frame(string payload)
    {
        var frame = new byte[4 + Encoding.UTF8.GetByteCount(payload)];
        BinaryPrimitives.WriteInt32BigEndian(frame, frame.Length - 4);
        Encoding.UTF8.GetBytes(payload, frame.AsSpan(4));
        return frame;
    }

    internal static byte[] Request(string method, string id, string parameters = "{}", string more = "") =>
        Frame($$"""{"v":1,"req_id":"{{id}}","method":"{{method}}","params":{{parameters}}{{more}}}""");

    internal void Send(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            bytes = bytes[_socket.Send(bytes)..];
        }
    }

    internal void Send(string method, string id, string parameters = "{}", string more = "") => Send(Request(method, id, parameters, more));

    /// <summary>Sends as much as the kernel takes without waiting for the other side to read.</summary>
    internal int SendWithoutWaiting(ReadOnlySpan<byte> bytes)
    {
        _socket.Blocking = false;
        try
        {
            return _socket.Send(bytes, SocketFlags.None, out _);
        }
        finally
        {
            _socket.Blocking = true;
        }
    }

    internal void HalfClose() => _socket.Shutdown(SocketShutdown.Send);

    /// <summary>The next frame; null when the other side has closed between frames.</summary>
    internal JsonElement? Read()
    {
        var header = new byte[4];
        if (!Fill(header, mayEnd: true))
        {
            return null;
        }

        var payload = new byte[BinaryPrimitives.ReadInt32BigEndian(header)];
        Fill(payload, mayEnd: false);
        return JsonElement.Parse(payload);
    }

    /// <summary>The text of a successful answer.</summary>
    internal string? Echo(string text, string id = "echo")
    {
        Send("test.echo", id, $$"""{"text":"{{text}}"}""");
        return Read()?.GetProperty("result").GetProperty("text").GetString();
    }

    /// <summary>True when the other side has closed, by an orderly end or by a reset, and sent nothing more.</summary>
    internal bool IsClosed()
    {
        try
        {
            return Read() is null;
        }
        catch (SocketException e) when (e.SocketErrorCode is SocketError.ConnectionReset or SocketError.Shutdown)
        {
            return true;
        }
    }

    public void Dispose() => _socket.Dispose();

    private bool Fill(Span<byte> buffer, bool mayEnd)
    {
        var filled = 0;
        while (filled < buffer.Length)
        {
            var count = _socket.Receive(buffer[filled..]);
            if (count == 0)
            {
                return mayEnd && filled == 0 ? false : throw new EndOfStreamException("the answer was cut inside a frame");
            }

            filled += count;
        }

        return true;
    }
}
