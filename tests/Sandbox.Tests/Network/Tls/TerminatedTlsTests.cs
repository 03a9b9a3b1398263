using System.Globalization;
using System.Net.Security;
using System.Text;

namespace Strata.Sandbox.Tests;

public sealed class TerminatedTlsTests
{
    private const string Ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

    [Fact]
    public async Task What_a_program_encrypts_has_the_value_put_in_request_for_request()
    {
        await using var host = await SecretHostFixture.MakeAsync();
        await using var client = await host.ConnectAsync();
        await SecretHostFixture.SayAsync(client, $"GET /a?b HTTP/1.1\r\nHost: {host.Host}\r\nAuthorization: Bearer {host.Placeholder}\r\n\r\n");
        await using var server = await host.AcceptAsync();
        Assert.Equal(SslApplicationProtocol.Http11, server.NegotiatedApplicationProtocol);
        Assert.Equal($"GET /a?b HTTP/1.1\r\nHost: {host.Host}\r\nAuthorization: Bearer {SecretHostFixture.Value}\r\n\r\n", await SecretHostFixture.HeadAsync(server));
        await SecretHostFixture.SayAsync(server, Ok);
        Assert.Equal(Ok, await ProxyFixture.ReadAsync(client, Ok.Length));

        // The connection is kept, on both sides the same one.
        var basic = Convert.ToBase64String(Encoding.Latin1.GetBytes("user:" + host.Placeholder));
        await SecretHostFixture.SayAsync(client, $"GET /c HTTP/1.1\r\nHost: {host.Host.ToUpperInvariant()}\r\nAuthorization: Basic {basic}\r\nX-Other: {host.OtherPlaceholder}\r\nConnection: close\r\n\r\n");
        var head = await SecretHostFixture.HeadAsync(server);
        Assert.Contains("\r\nAuthorization: Basic " + Convert.ToBase64String(Encoding.Latin1.GetBytes("user:" + SecretHostFixture.Value)) + "\r\n", head, StringComparison.Ordinal);
        Assert.Contains($"\r\nX-Other: {host.OtherPlaceholder}\r\n", head, StringComparison.Ordinal);
        Assert.Contains("\r\nConnection: close\r\n", head, StringComparison.Ordinal);
        await SecretHostFixture.SayAsync(server, Ok);
        await server.DisposeAsync();
        Assert.Equal(Ok, await ProxyFixture.ReadAllAsync(client));
        Assert.Equal(("API_KEY", host.Host), Assert.Single(host.Used));
        Assert.Equal((1, 0), (host.Proxy.Network.Traffic.Connections, host.Proxy.Network.Traffic.Denied));
    }

    [Fact]
    public async Task It_does_so_through_socks_as_well_and_with_what_comes_ahead()
    {
        await using var host = await SecretHostFixture.MakeAsync();
        await using var stream = await host.Proxy.SocksAsync();
        var name = Encoding.ASCII.GetBytes(SecretHostFixture.Name);
        byte[] request = [5, 1, 0, 5, 1, 0, 3, (byte)name.Length, .. name, (byte)(host.Port >> 8), (byte)host.Port];
        await stream.WriteAsync(request);
        await ProxyFixture.ReadAsync(stream, 2 + 10);
        await using var client = await host.EncryptAsync(stream, SecretHostFixture.Name);
        await SecretHostFixture.SayAsync(client, $"GET / HTTP/1.1\r\nHost: {host.Host}\r\nX-Key: {host.Placeholder}\r\n\r\n");
        await using var server = await host.AcceptAsync();
        Assert.Contains($"\r\nX-Key: {SecretHostFixture.Value}\r\n", await SecretHostFixture.HeadAsync(server), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Hosts_beneath_a_name_have_certificates_of_their_own()
    {
        await using var host = await SecretHostFixture.MakeAsync("a.cloud.example");
        await using var client = await host.ConnectAsync("a.cloud.example");
        await SecretHostFixture.SayAsync(client, $"GET / HTTP/1.1\r\nHost: a.cloud.example:{host.Port}\r\nX-Key: {host.OtherPlaceholder}{host.Placeholder}\r\n\r\n");
        await using var server = await host.AcceptAsync();
        Assert.Contains($"\r\nX-Key: other-value{host.Placeholder}\r\n", await SecretHostFixture.HeadAsync(server), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_body_waits_for_the_host_to_want_it_and_is_not_looked_into()
    {
        await using var host = await SecretHostFixture.MakeAsync();
        await using var client = await host.ConnectAsync();
        await SecretHostFixture.SayAsync(client, $"POST / HTTP/1.1\r\nHost: {host.Host}\r\nExpect: 100-continue\r\nTransfer-Encoding: chunked\r\n\r\n");
        await using var server = await host.AcceptAsync();
        Assert.Contains("\r\nExpect: 100-continue\r\n", await SecretHostFixture.HeadAsync(server), StringComparison.Ordinal);
        const string goOn = "HTTP/1.1 100 Continue\r\n\r\n";
        await SecretHostFixture.SayAsync(server, goOn);
        Assert.Equal(goOn, await ProxyFixture.ReadAsync(client, goOn.Length));
        var chunks = string.Create(CultureInfo.InvariantCulture, $"{host.Placeholder.Length:x}\r\n{host.Placeholder}\r\n0\r\n\r\n");
        await SecretHostFixture.SayAsync(client, chunks);
        Assert.Equal(chunks, await ProxyFixture.ReadAsync(server, chunks.Length));
    }

    [Fact]
    public async Task Large_bodies_pass_both_ways_at_once()
    {
        const int Bytes = 2 << 20;
        await using var host = await SecretHostFixture.MakeAsync();
        await using var client = await host.ConnectAsync();
        await SecretHostFixture.SayAsync(client, $"PUT / HTTP/1.1\r\nHost: {host.Host}\r\nContent-Length: {Bytes}\r\n\r\n");
        await using var server = await host.AcceptAsync();
        await SecretHostFixture.HeadAsync(server);
        var answer = $"HTTP/1.1 200 OK\r\nContent-Length: {Bytes}\r\n\r\n";
        await SecretHostFixture.SayAsync(server, answer);
        Assert.Equal(answer, await ProxyFixture.ReadAsync(client, answer.Length));
        // Nobody holds more than a piece: the host sends back what it gets, and the client reads only while it writes.
        var echo = Task.Run(async () =>
        {
            var piece = new byte[64 * 1024];
            for (var left = Bytes; left > 0; left -= piece.Length)
            {
                await server.ReadExactlyAsync(piece);
                await server.WriteAsync(piece);
            }
        });
        var (sent, got) = (new byte[64 * 1024], new byte[64 * 1024]);
        for (var i = 0; i < Bytes / sent.Length; i++)
        {
            Array.Fill(sent, (byte)i);
            await client.WriteAsync(sent).AsTask().Soon();
            await client.ReadExactlyAsync(got).AsTask().Soon();
            Assert.Equal(sent, got);
        }

        await echo.Soon();
    }

    [Fact]
    public async Task An_upgraded_connection_is_carried_as_it_is()
    {
        await using var host = await SecretHostFixture.MakeAsync();
        await using var client = await host.ConnectAsync();
        await SecretHostFixture.SayAsync(client, $"GET /ws HTTP/1.1\r\nHost: {host.Host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: k\r\nX-Key: {host.Placeholder}\r\n\r\n");
        await using var server = await host.AcceptAsync();
        var head = await SecretHostFixture.HeadAsync(server);
        Assert.Contains("\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: k\r\nX-Key: " + SecretHostFixture.Value, head, StringComparison.Ordinal);
        const string Switching = "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n";
        await SecretHostFixture.SayAsync(server, Switching + "hello");
        Assert.Equal(Switching + "hello", await ProxyFixture.ReadAsync(client, Switching.Length + 5));
        var raw = $"\0\u0001GET / HTTP/1.1\r\nX-Key: {host.Placeholder}\r\n\r\n";
        await SecretHostFixture.SayAsync(client, raw);
        Assert.Equal(raw, await ProxyFixture.ReadAsync(server, raw.Length));
    }

    [Fact]
    public async Task An_upgrade_that_the_host_does_not_want_leaves_the_connection_read()
    {
        await using var host = await SecretHostFixture.MakeAsync();
        await using var client = await host.ConnectAsync();
        await SecretHostFixture.SayAsync(client, $"GET / HTTP/1.1\r\nHost: {host.Host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n");
        await using var server = await host.AcceptAsync();
        await SecretHostFixture.HeadAsync(server);
        await SecretHostFixture.SayAsync(server, Ok);
        Assert.Equal(Ok, await ProxyFixture.ReadAsync(client, Ok.Length));
        await SecretHostFixture.SayAsync(client, $"GET / HTTP/1.1\r\nHost: {host.Host}\r\nX-Key: {host.Placeholder}\r\n\r\n");
        Assert.Contains($"\r\nX-Key: {SecretHostFixture.Value}\r\n", await SecretHostFixture.HeadAsync(server), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_host_of_another_certificate_gets_nothing_and_the_program_is_told()
    {
        await using var host = await SecretHostFixture.MakeAsync("other.example");
        await using var client = await host.ConnectAsync();
        await SecretHostFixture.SayAsync(client, $"GET / HTTP/1.1\r\nHost: {host.Host}\r\nX-Key: {host.Placeholder}\r\n\r\n");
        var serving = Task.Run(async () =>
        {
            await using var server = await host.AcceptAsync();
            return await ProxyFixture.ReadAllAsync(server);
        });
        var answer = await ProxyFixture.ReadAllAsync(client);
        Assert.StartsWith("HTTP/1.1 502 ", answer, StringComparison.Ordinal);
        Assert.Contains("\r\nStrata-Reason: tls_failed\r\n", answer, StringComparison.Ordinal);
        Assert.DoesNotContain(SecretHostFixture.Value, answer, StringComparison.Ordinal);
        Assert.Equal((host.Host, "tls_failed"), Assert.Single(host.Proxy.Denied));
        await client.DisposeAsync();
        // The host saw the end of the handshake at most.
        Assert.DoesNotContain("GET", await serving.ContinueWith(done => done.IsCompletedSuccessfully ? done.Result : "", TaskScheduler.Default).Soon(), StringComparison.Ordinal);
        Assert.Empty(host.Used);
    }

    [Fact]
    public async Task A_program_that_offers_http2_alone_is_refused()
    {
        await using var host = await SecretHostFixture.MakeAsync();
        await using (var both = await host.ConnectAsync(protocols: [SslApplicationProtocol.Http2, SslApplicationProtocol.Http11]))
        {
            Assert.Equal(SslApplicationProtocol.Http11, both.NegotiatedApplicationProtocol);
        }

        await Assert.ThrowsAnyAsync<Exception>(() => host.ConnectAsync(protocols: [SslApplicationProtocol.Http2]));
    }

    [Fact]
    public async Task A_secret_for_the_clear_only_leaves_what_programs_encrypt_alone()
    {
        await using var host = await SecretHostFixture.MakeAsync(clearOnly: true);
        Assert.Null(host.Proxy.Network.Authority);
        var connecting = host.ConnectAsync(trusts: host.ServerCertificate);
        await using var server = await host.AcceptAsync();
        await using var client = await connecting;
        var request = $"GET / HTTP/1.1\r\nHost: {host.Host}\r\nX-Key: {host.Placeholder}\r\n\r\n";
        await SecretHostFixture.SayAsync(client, request);
        Assert.Equal(request, await SecretHostFixture.HeadAsync(server));
    }

    [Fact]
    public async Task A_client_that_does_not_begin_and_one_that_is_idle_end()
    {
        await using var host = await SecretHostFixture.MakeAsync();
        await using var silent = await host.TunnelAsync();
        Assert.Equal(1, host.Proxy.Network.Traffic.Open);
        await AdvanceUntilClosedAsync(host, TimeSpan.FromSeconds(10));

        await using var client = await host.ConnectAsync();
        await SecretHostFixture.SayAsync(client, "GET / HTTP/1.1\r\n");
        Assert.Equal(1, host.Proxy.Network.Traffic.Open);
        await AdvanceUntilClosedAsync(host, TimeSpan.FromSeconds(10));
    }

    private static Task AdvanceUntilClosedAsync(SecretHostFixture host, TimeSpan step) => Patience.UntilAsync(() =>
    {
        host.Proxy.Time.Advance(step);
        return host.Proxy.Network.Traffic.Open == 0;
    });
}
