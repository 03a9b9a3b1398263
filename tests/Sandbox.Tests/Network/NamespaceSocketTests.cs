using System.Net;
using System.Net.Sockets;

namespace Strata.Sandbox.Tests;

public sealed class NamespaceSocketTests
{
    [Fact]
    public async Task The_service_listens_and_connects_within_another_network()
    {
        await using var other = await OtherNetwork.MakeAsync();
        using var listener = await NamespaceSocket.MakeAsync(other.Thread, other.Process, other.Kinds);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 3128));
        listener.Listen();
        var accepting = listener.AcceptAsync();
        await using var inside = await other.ConnectAsync(3128);
        using var accepted = await accepting.Soon();
        await inside.WriteAsync("hello"u8.ToArray());
        var buffer = new byte[16];
        Assert.Equal(5, await accepted.ReceiveAsync(buffer).Soon());
    }

    [Fact]
    public async Task What_listens_there_does_not_listen_here()
    {
        await using var other = await OtherNetwork.MakeAsync();
        using var listener = await NamespaceSocket.MakeAsync(other.Thread, other.Process, other.Kinds);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        using var here = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        var refused = await Assert.ThrowsAsync<SocketException>(() => here.ConnectAsync(listener.LocalEndPoint!).Soon());
        Assert.Equal(SocketError.ConnectionRefused, refused.SocketErrorCode);
    }

    [Fact]
    public async Task What_listens_here_is_not_reached_from_there()
    {
        using var here = new TcpListener(IPAddress.Loopback, 0);
        here.Start();
        await using var other = await OtherNetwork.MakeAsync();
        using var there = await NamespaceSocket.MakeAsync(other.Thread, other.Process, other.Kinds);
        await Assert.ThrowsAsync<SocketException>(() => there.ConnectAsync(here.LocalEndpoint).Soon());

        // From here it is.
        using var control = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await control.ConnectAsync(here.LocalEndpoint).Soon();
    }

    [Fact]
    public async Task A_network_that_is_gone_says_so()
    {
        var other = await OtherNetwork.MakeAsync();
        var process = Strata.Linux.FileDescriptor.Duplicate(other.Process.Number);
        await other.DisposeAsync();
        using var thread = new Strata.Linux.SpawnThread();
        var error = await Assert.ThrowsAsync<SandboxException>(() => NamespaceSocket.MakeAsync(thread, process, other.Kinds));
        Assert.Equal("sandbox_unavailable", error.Reason);
        Assert.Contains("setns", error.Message, StringComparison.Ordinal);
        process.Dispose();
    }
}
