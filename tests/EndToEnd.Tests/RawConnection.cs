using System.Buffers.Binary;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;

namespace Strata.EndToEnd.Tests;

/// <summary>A connection that knows frames and nothing else; answers are kept until they are asked for by id.</summary>
internal sealed class RawConnection : IDisposable
{
    private readonly Socket _socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified) { ReceiveTimeout = 30_000 };
    private readonly List<JsonObject> _kept = [];

    internal RawConnection(string path) => _socket.Connect(new UnixDomainSocketEndPoint(path));

    internal void Send(string json)
    {
        var payload = Encoding.UTF8.GetBytes(json);
        var frame = new byte[4 + payload.Length];
        BinaryPrimitives.WriteInt32BigEndian(frame, payload.Length);
        payload.CopyTo(frame, 4);
        _socket.Send(frame);
    }

    /// <summary>A kept answer with this id, taken; null when there is none.</summary>
    internal JsonObject? Has(string reqId)
    {
        var found = _kept.FirstOrDefault(a => (string?)a["req_id"] == reqId);
        if (found is not null)
        {
            _kept.Remove(found);
        }

        return found;
    }

    /// <summary>The next answer with this id; others that come before are kept.</summary>
    internal JsonObject Receive(string reqId)
    {
        while (true)
        {
            if (Has(reqId) is { } found)
            {
                return found;
            }

            var payload = Exactly(BinaryPrimitives.ReadInt32BigEndian(Exactly(4)));
            _kept.Add(JsonNode.Parse(payload)!.AsObject());
        }
    }

    public void Dispose() => _socket.Dispose();

    private byte[] Exactly(int count)
    {
        var bytes = new byte[count];
        for (var got = 0; got < count;)
        {
            var n = _socket.Receive(bytes, got, count - got, SocketFlags.None);
            Assert.True(n > 0, "the connection was closed early");
            got += n;
        }

        return bytes;
    }
}
