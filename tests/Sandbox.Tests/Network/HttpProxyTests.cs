using System.Globalization;
using System.Net;
using System.Text;
using Strata.Contracts;

namespace Strata.Sandbox.Tests;

public sealed class HttpProxyTests
{
    private const string Ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

    [Fact]
    public async Task A_url_of_an_allowed_name_is_fetched()
    {
        using var server = new LoopbackServer();
        await using var proxy = await ProxyFixture.MakeAsync(Allowed(server));
        proxy.Names["allowed.example"] = [IPAddress.Loopback];
        var answering = server.AnswerAsync(Ok);
        var answer = await proxy.AskAsync($"GET http://allowed.example:{server.Port}/x HTTP/1.1\r\nHost: allowed.example:{server.Port}\r\n\r\n");
        Assert.EndsWith("ok", answer, StringComparison.Ordinal);
        Assert.Equal($"GET /x HTTP/1.1\r\nHost: allowed.example:{server.Port}\r\nConnection: close\r\n\r\n", await answering);
        Assert.Equal(1, proxy.Network.Traffic.Connections);
        Assert.Equal(Ok.Length, proxy.Network.Traffic.ReceivedBytes);
    }

    [Fact]
    public async Task A_tunnel_carries_bytes_both_ways_and_the_end_of_each()
    {
        using var server = new LoopbackServer();
        await using var proxy = await ProxyFixture.MakeAsync(Allowed(server));
        proxy.Names["allowed.example"] = [IPAddress.Loopback];
        await using var client = await proxy.HttpAsync();
        // What comes at once with the request belongs to the tunnel.
        await client.WriteAsync(Encoding.Latin1.GetBytes($"CONNECT allowed.example:{server.Port} HTTP/1.1\r\nHost: allowed.example:{server.Port}\r\n\r\nearly"));
        await using var accepted = await server.AcceptAsync();
        Assert.Equal("early", await ProxyFixture.ReadAsync(accepted, 5));
        const string established = "HTTP/1.1 200 Connection established\r\n\r\n";
        Assert.Equal(established, await ProxyFixture.ReadAsync(client, established.Length));
        client.Socket.Shutdown(System.Net.Sockets.SocketShutdown.Send);
        Assert.Equal("", await ProxyFixture.ReadAllAsync(accepted));
        await accepted.WriteAsync("late"u8.ToArray());
        accepted.Socket.Shutdown(System.Net.Sockets.SocketShutdown.Send);
        Assert.Equal("late", await ProxyFixture.ReadAllAsync(client));
    }

    [Theory]
    [InlineData("other.example", 443, "destination_denied")]
    [InlineData("allowed.example", 22, "port_denied")]
    [InlineData("192.0.2.1", 443, "address_blocked")]
    [InlineData("169.254.169.254", 80, "address_blocked")]
    [InlineData("[fd00:ec2::254]", 80, "address_blocked")]
    [InlineData("[::1]", 80, "address_blocked")]
    [InlineData("[::ffff:10.0.0.1]", 80, "address_blocked")]
    [InlineData("8.8.8.8", 443, "destination_denied")]
    public async Task What_is_not_allowed_is_denied_before_anybody_is_asked(string host, int port, string reason)
    {
        await using var proxy = await ProxyFixture.MakeAsync([new("allowed.example")]);
        var answer = await proxy.AskAsync($"CONNECT {host}:{port} HTTP/1.1\r\nHost: {host}:{port}\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 403 ", answer, StringComparison.Ordinal);
        Assert.Contains($"Strata-Reason: {reason}\r\n", answer, StringComparison.Ordinal);
        Assert.Empty(proxy.Asked);
        Assert.Equal((1, 0), (proxy.Network.Traffic.Denied, proxy.Network.Traffic.Connections));
        Assert.Equal(($"{host.Replace("[::ffff:10.0.0.1]", "10.0.0.1", StringComparison.Ordinal)}:{port}", reason), Assert.Single(proxy.Denied));
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("10.0.0.1")]
    [InlineData("169.254.169.254")]
    [InlineData("192.0.2.9")]
    [InlineData("::1")]
    [InlineData("::ffff:127.0.0.1")]
    [InlineData("fd00:ec2::254")]
    public async Task An_allowed_name_that_turns_to_a_private_address_is_blocked(string address)
    {
        using var server = new LoopbackServer();
        // The node lets sessions have loopback, but this one has not asked for it.
        await using var proxy = await ProxyFixture.MakeAsync([new("rebound.example", [server.Port])]);
        proxy.Names["rebound.example"] = [IPAddress.Parse(address)];
        var answer = await proxy.AskAsync($"CONNECT rebound.example:{server.Port} HTTP/1.1\r\nHost: rebound.example:{server.Port}\r\n\r\n");
        Assert.Contains("address_blocked", answer, StringComparison.Ordinal);
        Assert.False(server.HasVisitor);
    }

    [Fact]
    public async Task A_name_is_resolved_once_so_that_what_was_decided_on_is_connected_to()
    {
        using var server = new LoopbackServer();
        await using var proxy = await ProxyFixture.MakeAsync(Allowed(server));
        proxy.Names["allowed.example"] = [IPAddress.Parse("10.0.0.1"), IPAddress.Loopback];
        var answering = server.AnswerAsync(Ok);
        await proxy.AskAsync($"GET http://allowed.example:{server.Port}/ HTTP/1.1\r\nHost: allowed.example:{server.Port}\r\n\r\n");
        await answering;
        Assert.Equal("allowed.example", Assert.Single(proxy.Asked));
    }

    [Fact]
    public async Task A_second_request_does_not_follow_the_first_to_its_server()
    {
        using var server = new LoopbackServer();
        await using var proxy = await ProxyFixture.MakeAsync(Allowed(server));
        proxy.Names["allowed.example"] = [IPAddress.Loopback];
        var host = string.Create(CultureInfo.InvariantCulture, $"allowed.example:{server.Port}");
        await using var client = await proxy.HttpAsync();
        await client.WriteAsync(Encoding.Latin1.GetBytes($"POST http://{host}/ HTTP/1.1\r\nHost: {host}\r\nContent-Length: 3\r\n\r\nabcGET http://{host}/ HTTP/1.1\r\nHost: evil.example\r\n\r\n"));
        await using var accepted = await server.AcceptAsync();
        var expected = $"POST / HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\nContent-Length: 3\r\n\r\nabc";
        Assert.Equal(expected, await ProxyFixture.ReadAsync(accepted, expected.Length));
        // Whatever followed would be there before the end, which comes with the client's.
        await accepted.WriteAsync(Encoding.Latin1.GetBytes(Ok));
        accepted.Socket.Shutdown(System.Net.Sockets.SocketShutdown.Send);
        Assert.Equal("", await ProxyFixture.ReadAllAsync(accepted));
    }

    [Fact]
    public async Task A_body_in_chunks_is_passed_on_without_what_hides_in_it()
    {
        using var server = new LoopbackServer();
        await using var proxy = await ProxyFixture.MakeAsync(Allowed(server));
        proxy.Names["allowed.example"] = [IPAddress.Loopback];
        var host = string.Create(CultureInfo.InvariantCulture, $"allowed.example:{server.Port}");
        const string Body = "3\r\nabc\r\n0\r\n\r\n";
        var answering = server.AnswerAsync(Ok, Body.Length);
        await proxy.AskAsync($"POST http://{host}/ HTTP/1.1\r\nHost: {host}\r\nTransfer-Encoding: chunked\r\n\r\n003;x=\"y\"\r\nabc\r\n0\r\nHost: evil.example\r\n\r\n");
        Assert.EndsWith("\r\nTransfer-Encoding: chunked\r\n\r\n" + Body, await answering, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_head_has_its_greatest_length()
    {
        await using var proxy = await ProxyFixture.MakeAsync();
        string Of(int bytes)
        {
            const string Start = "CONNECT a.example:443 HTTP/1.1\r\nHost: a.example:443\r\nX: ";
            return Start + new string('x', bytes - Start.Length - 4) + "\r\n\r\n";
        }

        Assert.Contains("destination_denied", await proxy.AskAsync(Of(HttpHead.MaxBytes)), StringComparison.Ordinal);
        Assert.Contains("request_malformed", await proxy.AskAsync(Of(HttpHead.MaxBytes + 1)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Connections_have_their_greatest_number()
    {
        await using var proxy = await ProxyFixture.MakeAsync(limits: new NetworkLimits { MaxConnections = 2 });
        await using var first = await proxy.HttpAsync();
        await using (await proxy.HttpAsync())
        {
            await Patience.UntilAsync(() => proxy.Network.Traffic.Open == 2);
            Assert.Contains("503 ", await proxy.AskAsync("CONNECT a.example:443 HTTP/1.1\r\nHost: a.example:443\r\n\r\n"), StringComparison.Ordinal);
        }

        await Patience.UntilAsync(() => proxy.Network.Traffic.Open == 1);
        Assert.Contains("403 ", await proxy.AskAsync("CONNECT a.example:443 HTTP/1.1\r\nHost: a.example:443\r\n\r\n"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_client_that_says_nothing_and_a_tunnel_on_which_nothing_comes_end()
    {
        using var server = new LoopbackServer();
        await using var proxy = await ProxyFixture.MakeAsync(Allowed(server));
        proxy.Names["allowed.example"] = [IPAddress.Loopback];
        await using var silent = await proxy.HttpAsync();
        await Patience.UntilAsync(() => proxy.Network.Traffic.Open == 1);
        await AdvanceUntilAsync(proxy, TimeSpan.FromSeconds(10), () => proxy.Network.Traffic.Open == 0);

        await using var client = await proxy.HttpAsync();
        await client.WriteAsync(Encoding.Latin1.GetBytes($"CONNECT allowed.example:{server.Port} HTTP/1.1\r\nHost: allowed.example:{server.Port}\r\n\r\n"));
        await using var accepted = await server.AcceptAsync();
        await ProxyFixture.ReadAsync(client, 39);
        Assert.Equal(1, proxy.Network.Traffic.Open);
        await AdvanceUntilAsync(proxy, TimeSpan.FromMinutes(5), () => proxy.Network.Traffic.Open == 0);
        Assert.Equal("", await ProxyFixture.ReadAllAsync(client));
    }

    [Fact]
    public async Task What_is_not_allowed_any_more_ends_and_what_is_goes_on()
    {
        using var server = new LoopbackServer();
        await using var proxy = await ProxyFixture.MakeAsync([.. Allowed(server), new("kept.example", [server.Port])]);
        proxy.Names["allowed.example"] = proxy.Names["kept.example"] = [IPAddress.Loopback];
        await using var ended = await TunnelAsync(proxy, server, "allowed.example");
        await using var kept = await TunnelAsync(proxy, server, "kept.example");
        proxy.Network.Apply(ProxyFixture.Rules([new("kept.example", [server.Port]), new("127.0.0.1", [server.Port])]));
        Assert.Equal("", await ProxyFixture.ReadAllAsync(ended));
        await Patience.UntilAsync(() => proxy.Network.Traffic.Open == 1);
        Assert.Contains("destination_denied", await proxy.AskAsync($"CONNECT allowed.example:{server.Port} HTTP/1.1\r\nHost: allowed.example:{server.Port}\r\n\r\n"), StringComparison.Ordinal);
        proxy.Network.Apply(NetworkRules.None);
        Assert.Equal("", await ProxyFixture.ReadAllAsync(kept));
    }

    [Fact]
    public async Task A_program_that_is_denied_for_ever_fills_no_log()
    {
        await using var proxy = await ProxyFixture.MakeAsync(limits: new NetworkLimits { RecordedDenials = 3 });
        for (var i = 0; i < 4; i++)
        {
            await proxy.AskAsync("CONNECT a.example:443 HTTP/1.1\r\nHost: a.example:443\r\n\r\n");
        }

        Assert.Equal((3, 4L), (proxy.Denied.Count, proxy.Network.Traffic.Denied));
        proxy.Time.Advance(TimeSpan.FromMinutes(1));
        await proxy.AskAsync("CONNECT a.example:443 HTTP/1.1\r\nHost: a.example:443\r\n\r\n");
        Assert.Equal(4, proxy.Denied.Count);
    }

    [Fact]
    public async Task The_hosts_loopback_is_out_of_reach_without_the_proxy_and_with_it()
    {
        using var server = new LoopbackServer();
        await using var proxy = await ProxyFixture.MakeAsync([new("*", [server.Port]), new("0.0.0.0/0", [server.Port]), new("::/0", [server.Port])]);
        await Assert.ThrowsAsync<System.Net.Sockets.SocketException>(() => proxy.Inside.ConnectAsync(server.Port));
        proxy.Names["localhost"] = [IPAddress.Loopback, IPAddress.IPv6Loopback];
        foreach (var spelling in new[] { "127.0.0.1", "[::1]", "[::ffff:127.0.0.1]", "localhost", "LOCALHOST.", "0.0.0.0", "127.1", "2130706433", "0x7f.1", Dns.GetHostName() })
        {
            Assert.DoesNotContain(" 200 ", await proxy.AskAsync($"CONNECT {spelling}:{server.Port} HTTP/1.1\r\nHost: {spelling}:{server.Port}\r\n\r\n"), StringComparison.Ordinal);
        }

        Assert.False(server.HasVisitor);

        // Unconfined it is reached.
        using var control = new System.Net.Sockets.TcpClient();
        await control.ConnectAsync(IPAddress.Loopback, server.Port).Soon();
    }

    private static async Task<System.Net.Sockets.NetworkStream> TunnelAsync(ProxyFixture proxy, LoopbackServer server, string name)
    {
        var client = await proxy.HttpAsync();
        await client.WriteAsync(Encoding.Latin1.GetBytes($"CONNECT {name}:{server.Port} HTTP/1.1\r\nHost: {name}:{server.Port}\r\n\r\n"));
        await ProxyFixture.ReadAsync(client, 39);
        return client;
    }

    // The time limit begins at some moment after the client came: nobody tells when.
    private static Task AdvanceUntilAsync(ProxyFixture proxy, TimeSpan step, Func<bool> condition) => Patience.UntilAsync(() =>
    {
        proxy.Time.Advance(step);
        return condition();
    });

    private static IReadOnlyList<SandboxDestination> Allowed(LoopbackServer server) => [new("allowed.example", [server.Port]), new("127.0.0.1", [server.Port])];
}
