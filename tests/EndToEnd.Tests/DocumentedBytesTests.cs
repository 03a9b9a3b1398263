using System.Buffers.Binary;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;

namespace Strata.EndToEnd.Tests;

/// <summary>Drives the services with nothing but the bytes that the protocol page documents: no library of ours.</summary>
public sealed class DocumentedBytesTests
{
    [Fact]
    public async Task A_client_written_from_the_protocol_page_alone_is_served()
    {
        await using var node = await Node.StartAsync();

        using (var registry = Connect(node.Socket("registry")))
        {
            var resolved = Ask(registry, """{"v":1,"req_id":"a","method":"registry.resolve","params":{"service":"identity"}}""");
            Assert.Equal($"unix://{node.Socket("identity")}", resolved.GetProperty("result").GetProperty("endpoint").GetString());
            var status = Ask(Connect(node.Socket("supervisor")), """{"v":1,"req_id":"b","method":"supervisor.status"}""");
            Assert.Equal("test-node", status.GetProperty("result").GetProperty("node_id").GetString());
        }

        string token;
        string capability;
        using (var identity = Connect(node.Socket("identity")))
        {
            var issued = Ask(identity, $$"""{"v":1,"req_id":"c","method":"identity.issue","params":{"service":"fs","actions":["open"],"rights":["fs.read","fs.list"],"path_prefix":"{{node.DataDir}}","ttl_seconds":60,"rate_limit":"1000rps"} }""").GetProperty("result");
            token = issued.GetProperty("token").GetString()!;
            capability = issued.GetProperty("cap_id").GetString()!;
            Assert.StartsWith("v2.public.", token, StringComparison.Ordinal);
            Assert.Matches("^[0-9a-f]+$", capability);
            Assert.True(issued.GetProperty("expires").GetInt64() > 1_700_000_000);
            Assert.Equal(32, Convert.FromBase64String(File.ReadAllText(Path.Combine(node.RuntimeDir, "identity.pub"))).Length);
        }

        using var fs = Connect(node.Socket("fs"));
        var handle = Ask(fs, Call("d", "fs.open", """{"path":"hello.txt","mode":"r"}""", token)).GetProperty("result").GetProperty("handle").GetString();
        var read = Ask(fs, Call("e", "fs.read", $$"""{"handle":"{{handle}}","offset":6,"size":4}""", token)).GetProperty("result");
        Assert.Equal("from", Encoding.UTF8.GetString(Convert.FromBase64String(read.GetProperty("data_b64").GetString()!)));
        Assert.Equal(4, read.GetProperty("bytes_read").GetInt32());
        Assert.False(read.GetProperty("eof").GetBoolean());
        var list = Ask(fs, Call("f", "fs.list", """{"path":"."}""", token)).GetProperty("result").GetProperty("entries");
        Assert.Equal("hello.txt", list[0].GetProperty("name").GetString());
        Assert.False(list[0].GetProperty("is_dir").GetBoolean());
        Assert.Equal(19, list[0].GetProperty("size").GetInt64());

        using (var identity = Connect(node.Socket("identity")))
        {
            var revoked = Ask(identity, $$"""{"v":1,"req_id":"g","method":"identity.revoke","params":{"cap_id":"{{capability}}"} }""");
            Assert.Equal("revoked", revoked.GetProperty("result").GetProperty("status").GetString());
        }

        var denied = Ask(fs, Call("h", "fs.read", $$"""{"handle":"{{handle}}"}""", token));
        Assert.False(denied.GetProperty("ok").GetBoolean());
        Assert.Equal(2, denied.GetProperty("error").GetProperty("code").GetInt32());
        Assert.Equal("UNAUTHENTICATED", denied.GetProperty("error").GetProperty("name").GetString());
    }

    [Fact]
    public async Task Pipelined_requests_in_one_write_are_all_answered_and_a_half_closed_client_gets_its_answers()
    {
        await using var node = await Node.StartAsync();
        using var socket = Connect(node.Socket("registry"));
        var frames = Enumerable.Range(0, 200).SelectMany(i => Frame($$"""{"v":1,"req_id":"{{i}}","method":"registry.list"}""")).ToArray();
        socket.Send(frames);
        socket.Shutdown(SocketShutdown.Send);

        for (var i = 0; i < 200; i++)
        {
            Assert.Equal(i.ToString(System.Globalization.CultureInfo.InvariantCulture), Receive(socket).GetProperty("req_id").GetString());
        }

        Assert.Equal(0, socket.Receive(new byte[1]));
    }

    [Fact]
    public async Task Malformed_frames_are_answered_and_the_connection_stays_usable_until_a_length_is_impossible()
    {
        await using var node = await Node.StartAsync();
        using var socket = Connect(node.Socket("registry"));
        string[] malformed =
        [
            "nonsense", "[]", "{}", """{"v":1}""", """{"v":2,"req_id":"1","method":"registry.list"}""", """{"v":1,"req_id":7,"method":"registry.list"}""",
            """{"v":1,"req_id":"1","method":"registry.list","method":"registry.list"}""", """{"V":1,"req_id":"1","method":"registry.list"}""",
            """{"v":1,"req_id":"1","method":"registry.nosuch"}""", """{"v":1,"req_id":"1","method":"registry.resolve","params":{"service":"x","service":"y"}}""",
            """{"v":1,"req_id":"\ud800","method":"registry.list"}""", """{"v":1,"req_id":"1","method":"registry.list"} {}""",
        ];
        foreach (var text in malformed)
        {
            var answer = Ask(socket, text);
            Assert.Equal(1, answer.GetProperty("error").GetProperty("code").GetInt32());
        }

        Assert.True(Ask(socket, """{"v":1,"req_id":"1","method":"registry.list"}""").GetProperty("ok").GetBoolean());
        socket.Send([0x7f, 0xff, 0xff, 0xff]);
        Assert.Equal(0, socket.Receive(new byte[1]));
    }

    private static string Call(string id, string method, string parameters, string token) =>
        $$"""{"v":1,"req_id":"{{id}}","method":"{{method}}","auth":{"token":"{{token}}"},"params":{{parameters}} }""";

    private static Socket Connect(string path)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified) { ReceiveTimeout = 30_000 };
        socket.Connect(new UnixDomainSocketEndPoint(path));
        return socket;
    }

    private static byte[] Frame(string json)
    {
        var payload = Encoding.UTF8.GetBytes(json);
        var frame = new byte[4 + payload.Length];
        BinaryPrimitives.WriteInt32BigEndian(frame, payload.Length);
        payload.CopyTo(frame, 4);
        return frame;
    }

    private static JsonElement Ask(Socket socket, string json)
    {
        socket.Send(Frame(json));
        return Receive(socket);
    }

    private static JsonElement Receive(Socket socket)
    {
        var payload = Exactly(socket, BinaryPrimitives.ReadInt32BigEndian(Exactly(socket, 4)));
        using var document = JsonDocument.Parse(payload);
        return document.RootElement.Clone();
    }

    private static byte[] Exactly(Socket socket, int count)
    {
        var bytes = new byte[count];
        for (var got = 0; got < count;)
        {
            var n = socket.Receive(bytes, got, count - got, SocketFlags.None);
            Assert.True(n > 0, "the connection was closed early");
            got += n;
        }

        return bytes;
    }
}
