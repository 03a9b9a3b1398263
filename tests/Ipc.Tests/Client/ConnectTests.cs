using System.Net.Sockets;

namespace Strata.Ipc.Tests;

public sealed class ConnectTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("strata-ipc-");

    public void Dispose() => _directory.Delete(recursive: true);

    [Fact]
    public async Task A_missing_socket_is_named() =>
        Assert.StartsWith($"no socket at {SocketPath}", await ConnectFaultAsync(SocketPath), StringComparison.Ordinal);

    [Fact]
    public async Task A_socket_nobody_listens_on_is_named()
    {
        using (var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified))
        {
            // Bound and never listening: what a killed service leaves behind.
            socket.Bind(new UnixDomainSocketEndPoint(SocketPath));
            Assert.StartsWith($"nothing listens on {SocketPath}", await ConnectFaultAsync(SocketPath), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_path_too_long_for_a_socket_is_named()
    {
        var path = Path.Combine(_directory.FullName, new string('x', 200));
        Assert.StartsWith($"cannot connect to {path}", await ConnectFaultAsync(path), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_channel_connects_once_and_anew_after_the_connection_is_lost()
    {
        using var listener = Listen();
        await using var channel = new RpcChannel(SocketPath);
        var clients = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => channel.ConnectAsync().AsTask()));
        Assert.Single(clients.Distinct());
        await using (var server = new SessionServer(new NetworkStream(await listener.AcceptAsync(), ownsSocket: true), new TestMethods().All()))
        {
            Assert.Null((await channel.SendAsync(new RpcRequest("t.ping"))).Error);
            var lost = channel.SendAsync(RpcRequest.Of("t.wait", new TextParams("never"), TestJson.Default.TextParams));
            Assert.Null((await channel.SendAsync(new RpcRequest("t.ping"))).Error);
            server.OnLoop(server.Session.Abort);
            await Assert.ThrowsAsync<RpcException>(() => lost.WaitAsync(SessionDriver.Patience));
        }

        Assert.NotSame(clients[0], await channel.ConnectAsync());
        await using var again = new SessionServer(new NetworkStream(await listener.AcceptAsync(), ownsSocket: true), new TestMethods().All());
        Assert.Null((await channel.SendAsync(new RpcRequest("t.ping")).WaitAsync(SessionDriver.Patience)).Error);
    }

    [Fact]
    public async Task A_service_that_closes_at_once_is_connection_lost()
    {
        using var listener = Listen();
        await using var client = await RpcClient.ConnectAsync(SocketPath);
        var call = client.SendAsync(new RpcRequest("t.ping"));
        (await listener.AcceptAsync()).Dispose();
        var thrown = await Assert.ThrowsAsync<RpcException>(() => call.WaitAsync(SessionDriver.Patience));
        Assert.Equal((ErrorCode.Unavailable, "connection_lost"), (thrown.Error.Code, thrown.Error.Reason));
        Assert.Contains(SocketPath, thrown.Message, StringComparison.Ordinal);
    }

    private string SocketPath => Path.Combine(_directory.FullName, "t.sock");

    private static async Task<string> ConnectFaultAsync(string path)
    {
        await using var channel = new RpcChannel(path);
        var thrown = await Assert.ThrowsAsync<RpcException>(() => channel.SendAsync(new RpcRequest("t.ping")));
        Assert.Equal((ErrorCode.Unavailable, "cannot_connect"), (thrown.Error.Code, thrown.Error.Reason));
        return thrown.Message;
    }

    private Socket Listen()
    {
        var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint(SocketPath));
        listener.Listen(8);
        return listener;
    }
}
