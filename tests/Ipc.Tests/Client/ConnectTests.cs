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

    [Theory]
    [InlineData(1)]
    [InlineData(107)]
    public void An_address_is_what_the_runtimes_own_would_be(int bytes)
    {
        var path = new string('x', bytes);
        Assert.Equal(new UnixDomainSocketEndPoint(path).Serialize(), new UnixEndPoint(path).Serialize());
    }

    [Fact]
    public void The_name_of_an_abstract_socket_ends_with_its_length() =>
        Assert.Equal(new UnixDomainSocketEndPoint("\0strata").Serialize(), new UnixEndPoint("\0strata").Serialize());

    [Theory]
    [InlineData(0)]
    [InlineData(UnixEndPoint.MaxPathBytes + 1)]
    public void A_path_that_no_socket_can_have_is_refused(int bytes) => Assert.Throws<ArgumentException>(() => new UnixEndPoint(new string('x', bytes)));

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

    [Fact]
    public async Task A_request_that_a_stopping_service_never_took_is_sent_to_the_next_one_and_those_it_took_are_answered_by_it()
    {
        using var listener = Listen();
        await using var channel = new RpcChannel(SocketPath);
        var old = new TestMethods();
        var taken = channel.SendAsync(RpcRequest.Of("t.wait", new TextParams("taken"), TestJson.Default.TextParams));
        using var socket = await listener.AcceptAsync();
        await using var first = new SessionServer(new NetworkStream(socket, ownsSocket: false), old.All()) { AnswersAfterEnd = true };
        await Patience.UntilAsync(() => first.Session.InFlight == 1);

        socket.Shutdown(SocketShutdown.Receive);
        var sent = Enumerable.Range(0, 20).Select(_ => channel.SendAsync(new RpcRequest("t.ping"))).ToArray();
        await using var second = new SessionServer(new NetworkStream(await listener.AcceptAsync(), ownsSocket: true), new TestMethods().All());
        Assert.All(await Task.WhenAll(sent).WaitAsync(SessionDriver.Patience), answer => Assert.Null(answer.Error));
        Assert.False(taken.IsCompleted);

        old.Open("taken");
        Assert.Equal("taken", (await taken.WaitAsync(SessionDriver.Patience)).Get(TestJson.Default.TextResult).Text);
    }

    [Fact]
    public async Task A_request_is_offered_to_so_many_connections_and_no_more()
    {
        using var listener = Listen();
        await using var channel = new RpcChannel(SocketPath);
        var call = channel.SendAsync(new RpcRequest("t.ping") { Params = BeyondTheBuffers() });
        for (var i = 0; i < RpcChannel.MaxAttempts; i++)
        {
            (await listener.AcceptAsync().WaitAsync(SessionDriver.Patience)).Dispose();
        }

        var thrown = await Assert.ThrowsAsync<RpcException>(() => call.WaitAsync(SessionDriver.Patience));
        Assert.Equal(("connection_lost", true), (thrown.Error.Reason, thrown.WasNotSent));
    }

    [Fact]
    public async Task A_request_that_was_written_is_not_sent_again()
    {
        using var listener = Listen();
        await using var channel = new RpcChannel(SocketPath);
        var call = channel.SendAsync(new RpcRequest("t.ping"));
        using (var socket = await listener.AcceptAsync())
        {
            Assert.True(await socket.ReceiveAsync(new byte[4096]).WaitAsync(SessionDriver.Patience) > 0);
        }

        Assert.False((await Assert.ThrowsAsync<RpcException>(() => call.WaitAsync(SessionDriver.Patience))).WasNotSent);
        Assert.False(listener.Poll(0, SelectMode.SelectRead));
    }

    // So much that no socket takes it whole before it is read.
    private static byte[] BeyondTheBuffers() => System.Text.Encoding.ASCII.GetBytes($$"""{"text":"{{new string('x', 900_000)}}"}""");

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
