using System.Net;
using System.Text;
using Strata.Contracts;

namespace Strata.Sandbox.Tests;

public sealed class SocksProxyTests
{
    [Fact]
    public async Task A_connection_to_an_allowed_name_carries_bytes()
    {
        using var server = new LoopbackServer();
        await using var proxy = await ProxyFixture.MakeAsync([new("allowed.example", [server.Port]), new("127.0.0.1", [server.Port])]);
        proxy.Names["allowed.example"] = [IPAddress.Loopback];
        await using var client = await proxy.SocksAsync();
        Assert.Equal(0, await AskAsync(client, [3, 15, .. "allowed.example"u8], server.Port));
        await using var accepted = await server.AcceptAsync();
        await client.WriteAsync("ping"u8.ToArray());
        Assert.Equal("ping", await ProxyFixture.ReadAsync(accepted, 4));
        await accepted.WriteAsync("pong"u8.ToArray());
        Assert.Equal("pong", await ProxyFixture.ReadAsync(client, 4));
    }

    [Fact]
    public async Task Who_insists_on_a_password_may_say_one()
    {
        await using var proxy = await ProxyFixture.MakeAsync();
        await using var client = await proxy.SocksAsync();
        await client.WriteAsync(new byte[] { 5, 1, 2 });
        Assert.Equal("\u0005\u0002", await ProxyFixture.ReadAsync(client, 2));
        await client.WriteAsync(new byte[] { 1, 1, 65, 1, 66 });
        Assert.Equal("\u0001\0", await ProxyFixture.ReadAsync(client, 2));
        await client.WriteAsync(new byte[] { 5, 1, 0, 1, 8, 8, 8, 8, 1, 187 });
        Assert.Equal("\u0005\u0002", (await ProxyFixture.ReadAsync(client, 10))[..2]);
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("169.254.169.254")]
    [InlineData("192.0.2.1")]
    [InlineData("::1")]
    [InlineData("::ffff:127.0.0.1")]
    [InlineData("fd00:ec2::254")]
    public async Task An_address_does_not_get_around_the_names(string address)
    {
        using var server = new LoopbackServer();
        await using var proxy = await ProxyFixture.MakeAsync([new("*", [server.Port]), new("0.0.0.0/0", [server.Port])]);
        await using var client = await proxy.SocksAsync();
        var bytes = IPAddress.Parse(address).GetAddressBytes();
        Assert.Equal(2, await AskAsync(client, [(byte)(bytes.Length == 4 ? 1 : 4), .. bytes], server.Port));
        Assert.False(server.HasVisitor);
        Assert.Equal("address_blocked", Assert.Single(proxy.Denied).Reason);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Neither_binding_nor_datagrams_are_offered(byte command)
    {
        await using var proxy = await ProxyFixture.MakeAsync([new SandboxDestination("0.0.0.0/0")]);
        await using var client = await proxy.SocksAsync();
        Assert.Equal(7, await AskAsync(client, [1, 8, 8, 8, 8], 443, command));
    }

    [Fact]
    public async Task Who_speaks_something_else_is_refused()
    {
        await using var proxy = await ProxyFixture.MakeAsync();
        await using var client = await proxy.SocksAsync();
        await client.WriteAsync("GET http://a.example/ HTTP/1.1\r\n\r\n"u8.ToArray());
        Assert.Equal("\u0005\u0001", (await ProxyFixture.ReadAllAsync(client))[..2]);
    }

    private static async Task<int> AskAsync(Stream client, byte[] address, int port, byte command = 1)
    {
        await client.WriteAsync((byte[])[5, 1, 0, 5, command, 0, .. address, (byte)(port >> 8), (byte)port]);
        Assert.Equal("\u0005\0", await ProxyFixture.ReadAsync(client, 2));
        return (await ProxyFixture.ReadAsync(client, 10))[1];
    }
}
