using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Strata.Sandbox.Tests;

/// <summary>Programs that say one host here and another there: none of it gets them the value anywhere but to the host itself.</summary>
public sealed class FrontingTests
{
    [Theory]
    [InlineData("other.example")]
    [InlineData("a.cloud.example")]
    [InlineData("127.0.0.1")]
    [InlineData("")]
    public async Task Tls_for_another_name_or_none_ends_and_is_told(string indicated)
    {
        await using var host = await SecretHostFixture.MakeAsync();
        await Assert.ThrowsAnyAsync<Exception>(() => host.ConnectAsync(indicated: indicated));
        Assert.Equal((host.Host, "name_mismatch"), Assert.Single(host.Proxy.Denied));
        Assert.Equal(1, host.Proxy.Network.Traffic.Denied);
        await using var accepted = await host.Server.AcceptAsync();
        Assert.Equal("", await ProxyFixture.ReadAllAsync(accepted));
    }

    [Fact]
    public async Task A_client_of_another_name_gets_an_alert_that_says_so()
    {
        await using var host = await SecretHostFixture.MakeAsync();
        await using var tunnel = await host.TunnelAsync();
        using var hello = new MemoryStream();
        await using var recording = new System.Net.Security.SslStream(new Recording(hello));
        await Assert.ThrowsAnyAsync<Exception>(() => recording.AuthenticateAsClientAsync("other.example"));
        await tunnel.WriteAsync(hello.ToArray());
        Assert.Equal([21, 3, 3, 0, 2, 2, 112], Encoding.Latin1.GetBytes(await ProxyFixture.ReadAllAsync(tunnel)));
    }

    [Theory]
    [InlineData("Host: other.example:{0}", "403", "name_mismatch")]
    [InlineData("Host: api.example", "403", "name_mismatch")]
    [InlineData("Host: api.example:1", "403", "name_mismatch")]
    [InlineData("Host: 127.0.0.1:{0}", "403", "name_mismatch")]
    [InlineData("Host: api.example:{0}\r\nHost: other.example", "400", "request_malformed")]
    [InlineData("X-None: 1", "400", "request_malformed")]
    [InlineData("Host : api.example:{0}", "400", "request_malformed")]
    [InlineData("Host: api.example:{0}\r\n Host: other.example", "400", "request_malformed")]
    [InlineData("Host: api.example:{0}\r\nContent-Length: 1\r\nTransfer-Encoding: chunked", "400", "request_malformed")]
    public async Task A_request_for_another_host_within_is_refused(string field, string status, string reason)
    {
        await using var host = await SecretHostFixture.MakeAsync();
        await using var client = await host.ConnectAsync();
        var fields = string.Format(System.Globalization.CultureInfo.InvariantCulture, field, host.Port);
        await SecretHostFixture.SayAsync(client, $"GET / HTTP/1.1\r\n{fields}\r\nX-Key: {host.Placeholder}\r\n\r\n");
        var answer = await ProxyFixture.ReadAllAsync(client);
        Assert.StartsWith($"HTTP/1.1 {status} ", answer, StringComparison.Ordinal);
        Assert.Contains($"\r\nStrata-Reason: {reason}\r\n", answer, StringComparison.Ordinal);
        Assert.Equal(reason == "name_mismatch" ? 1 : 0, host.Proxy.Denied.Count);
        await client.DisposeAsync();
        await using var accepted = await host.Server.AcceptAsync();
        Assert.Equal("", await ProxyFixture.ReadAllAsync(accepted));
    }

    [Theory]
    [InlineData("TRACE / HTTP/1.1")]
    [InlineData("CONNECT other.example:443 HTTP/1.1")]
    [InlineData("GET http://other.example/ HTTP/1.1")]
    [InlineData("GET https://api.example/ HTTP/1.1")]
    [InlineData("PRI * HTTP/2.0")]
    public async Task Requests_that_name_a_host_otherwise_or_give_back_what_they_carry_are_refused(string line)
    {
        await using var host = await SecretHostFixture.MakeAsync();
        await using var client = await host.ConnectAsync();
        await SecretHostFixture.SayAsync(client, $"{line}\r\nHost: {host.Host}\r\nX-Key: {host.Placeholder}\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 400 ", await ProxyFixture.ReadAllAsync(client), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_later_request_for_another_host_ends_the_connection()
    {
        await using var host = await SecretHostFixture.MakeAsync();
        await using var client = await host.ConnectAsync();
        await SecretHostFixture.SayAsync(client, $"GET / HTTP/1.1\r\nHost: {host.Host}\r\n\r\n");
        await using var server = await host.AcceptAsync();
        await SecretHostFixture.HeadAsync(server);
        await SecretHostFixture.SayAsync(client, $"GET / HTTP/1.1\r\nHost: other.example:{host.Port}\r\nX-Key: {host.Placeholder}\r\n\r\n");
        Assert.Equal("", await ProxyFixture.ReadAllAsync(client));
        Assert.Equal("", await ProxyFixture.ReadAllAsync(server));
        Assert.Equal((host.Host, "name_mismatch"), Assert.Single(host.Proxy.Denied));
    }

    [Fact]
    public async Task A_request_hidden_in_a_body_stays_body()
    {
        await using var host = await SecretHostFixture.MakeAsync();
        await using var client = await host.ConnectAsync();
        var hidden = $"GET / HTTP/1.1\r\nHost: other.example\r\nX-Key: {host.Placeholder}\r\n\r\n";
        await SecretHostFixture.SayAsync(client, $"POST / HTTP/1.1\r\nHost: {host.Host}\r\nContent-Length: {hidden.Length}\r\n\r\n{hidden}");
        await using var server = await host.AcceptAsync();
        await SecretHostFixture.HeadAsync(server);
        Assert.Equal(hidden, await ProxyFixture.ReadAsync(server, hidden.Length));
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("other.example")]
    public async Task A_tunnel_to_an_address_or_to_another_host_is_not_looked_into_whatever_it_asks_for(string to)
    {
        await using var host = await SecretHostFixture.MakeAsync();
        var connecting = host.ConnectAsync(to, SecretHostFixture.Name, trusts: host.ServerCertificate);
        await using var server = await host.AcceptAsync();
        await using var client = await connecting;
        var request = $"GET / HTTP/1.1\r\nHost: {host.Host}\r\nX-Key: {host.Placeholder}\r\n\r\n";
        await SecretHostFixture.SayAsync(client, request);
        Assert.Equal(request, await SecretHostFixture.HeadAsync(server));
        Assert.Equal(0, host.Proxy.Network.Authority!.Leaves);
    }

    [Fact]
    public async Task What_is_no_tls_gets_nowhere()
    {
        await using var host = await SecretHostFixture.MakeAsync();
        await using var tunnel = await host.TunnelAsync();
        await SecretHostFixture.SayAsync(tunnel, $"GET / HTTP/1.1\r\nHost: {host.Host}\r\nX-Key: {host.Placeholder}\r\n\r\n");
        Assert.DoesNotContain(SecretHostFixture.Value, await ProxyFixture.ReadAllAsync(tunnel), StringComparison.Ordinal);
        await tunnel.DisposeAsync();
        await using var accepted = await host.Server.AcceptAsync();
        Assert.Equal("", await ProxyFixture.ReadAllAsync(accepted));
    }

    [Fact]
    public async Task A_host_that_may_not_be_reached_is_denied_before_any_of_that()
    {
        await using var host = await SecretHostFixture.MakeAsync();
        host.Proxy.Network.Apply(NetworkRules.None);
        var answer = await host.Proxy.AskAsync($"CONNECT {host.Host} HTTP/1.1\r\nHost: {host.Host}\r\n\r\n");
        Assert.Contains("destination_denied", answer, StringComparison.Ordinal);
    }

    // Keeps what is written; nothing ever comes.
    private sealed class Recording(MemoryStream written) : Stream
    {
        public override bool CanRead => true;

        public override bool CanWrite => true;

        public override bool CanSeek => false;

        public override long Length => 0;

        public override long Position { get; set; }

        public override int Read(byte[] buffer, int offset, int count) => 0;

        public override void Write(byte[] buffer, int offset, int count) => written.Write(buffer, offset, count);

        public override void Flush()
        {
            // It is there.
        }

        public override long Seek(long offset, SeekOrigin origin) => 0;

        public override void SetLength(long value)
        {
            // It has none.
        }
    }
}
