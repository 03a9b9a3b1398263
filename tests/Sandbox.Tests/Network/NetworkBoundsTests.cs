using System.Net;
using Strata.Contracts;

namespace Strata.Sandbox.Tests;

/// <summary>The named bounds of what goes through the proxies, each reached and passed.</summary>
public sealed class NetworkBoundsTests
{
    private const string Ask = "CONNECT a.example:443 HTTP/1.1\r\nHost: a.example:443\r\n\r\n";

    [Fact]
    public async Task Connections_of_all_sessions_together_have_their_greatest_number()
    {
        await using var proxy = await ProxyFixture.MakeAsync(limits: new NetworkLimits { MaxConnectionsInAll = 2 });
        await using var first = await proxy.HttpAsync();
        await using (await proxy.SocksAsync())
        {
            await Patience.UntilAsync(() => proxy.Network.Traffic.Open == 2);
            Assert.Contains("503 ", await proxy.AskAsync(Ask), StringComparison.Ordinal);
        }

        await Patience.UntilAsync(() => proxy.Network.Traffic.Open == 1);
        Assert.Contains("403 ", await proxy.AskAsync(Ask), StringComparison.Ordinal);
    }

    [Fact]
    public void What_one_session_takes_is_missing_to_another()
    {
        var shared = new SandboxNetworks([], new NetworkLimits { MaxConnectionsInAll = 3 }, TimeProvider.System);
        Assert.Equal([-2, -1, 0, 1, 2], [shared.Enter(), shared.Enter(), shared.Enter(), shared.Enter(), shared.Enter()]);
        shared.Leave();
        shared.Leave();
        shared.Leave();
        Assert.Equal(0, shared.Enter());
    }

    [Fact]
    public async Task So_many_are_told_that_there_is_no_room_and_further_ones_are_closed()
    {
        await using var proxy = await ProxyFixture.MakeAsync(limits: new NetworkLimits { MaxConnections = 1, MaxFarewells = 1 });
        await using var first = await proxy.HttpAsync();
        await Patience.UntilAsync(() => proxy.Network.Traffic.Open == 1);
        await using var told = await proxy.HttpAsync();
        await Patience.UntilAsync(() => proxy.Network.Traffic.Open == 2);

        Assert.Equal("", await proxy.AskAsync(Ask));

        await told.WriteAsync(System.Text.Encoding.ASCII.GetBytes(Ask));
        Assert.Contains("503 ", await ProxyFixture.ReadAllAsync(told), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, "200 ")]
    [InlineData(1, "502 ")]
    public async Task So_many_addresses_of_a_name_are_tried_and_no_more(int more, string status)
    {
        using var server = new LoopbackServer();
        await using var proxy = await ProxyFixture.MakeAsync([new SandboxDestination("many.example", [server.Port]), new SandboxDestination("127.0.0.0/8", [server.Port])]);
        var limit = new NetworkLimits().MaxAddresses;
        // At all but the last of them nobody listens.
        proxy.Names["many.example"] = [.. Enumerable.Range(2, limit - 1 + more).Select(i => IPAddress.Parse($"127.0.9.{i}")), IPAddress.Loopback];

        await using var client = await proxy.HttpAsync();
        await client.WriteAsync(System.Text.Encoding.ASCII.GetBytes($"CONNECT many.example:{server.Port} HTTP/1.1\r\nHost: many.example:{server.Port}\r\n\r\n"));

        Assert.Contains(status, await ProxyFixture.ReadAsync(client, 20), StringComparison.Ordinal);
    }
}
