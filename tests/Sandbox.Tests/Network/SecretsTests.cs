using System.Globalization;
using System.Net;
using System.Text;
using Strata.Contracts;

namespace Strata.Sandbox.Tests;

public sealed class SecretsTests
{
    private const string Value = "real-value";
    private const string Ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

    [Fact]
    public void A_placeholder_is_replaced_for_its_hosts_alone()
    {
        var secrets = Secrets("http://api.example:8080", "*.cloud.example");
        var placeholder = Assert.Single(secrets.Variables).Value;
        Assert.DoesNotContain(Value, placeholder, StringComparison.Ordinal);
        var field = $"Bearer {placeholder}";
        Assert.Equal("Bearer " + Value, secrets.PutInto(field, To("api.example:8080"), isSecure: false));
        Assert.Equal("Bearer " + Value, secrets.PutInto(field, To("a.cloud.example:443"), isSecure: true));
        foreach (var other in new[] { "api.example:80", "evil.example:8080", "api.example.evil.example:8080", "192.0.2.1:8080" })
        {
            Assert.Equal(field, secrets.PutInto(field, To(other), isSecure: false));
        }

        // Never in the clear to a host that was not named with http://.
        Assert.Equal(field, secrets.PutInto(field, To("a.cloud.example:443"), isSecure: false));
    }

    [Fact]
    public void A_name_and_password_are_looked_into()
    {
        var secrets = Secrets("api.example");
        var placeholder = Assert.Single(secrets.Variables).Value;
        var basic = "Basic " + Convert.ToBase64String(Encoding.Latin1.GetBytes("user:" + placeholder));
        Assert.Equal("Basic " + Convert.ToBase64String(Encoding.Latin1.GetBytes("user:" + Value)), secrets.PutInto(basic, To("api.example:443"), isSecure: true));
        Assert.Equal("Basic ???", secrets.PutInto("Basic ???", To("api.example:443"), isSecure: true));
    }

    [Fact]
    public void Placeholders_differ_from_session_to_session() =>
        Assert.NotEqual(Assert.Single(Secrets("a.example").Variables).Value, Assert.Single(Secrets("a.example").Variables).Value);

    [Theory]
    [InlineData("192.0.2.1")]
    [InlineData("ftp://a.example")]
    [InlineData("a.example/path")]
    [InlineData("*")]
    [InlineData("http://user@a.example")]
    [InlineData("")]
    public void What_is_no_host_gets_no_secret(string host)
    {
        Assert.Null(SecretHost.Read(host, out var fault));
        Assert.NotNull(fault);
    }

    [Fact]
    public async Task A_request_in_the_clear_is_sent_over_tls_with_the_value_in_it()
    {
        using var server = new LoopbackServer();
        var (answer, got) = await AskOverTlsAsync(server, "api.example");
        Assert.EndsWith("ok", answer, StringComparison.Ordinal);
        Assert.Contains($"\r\nAuthorization: Bearer {Value}\r\n", got, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_of_another_name_gets_nothing()
    {
        using var server = new LoopbackServer();
        var (answer, got) = await AskOverTlsAsync(server, "other.example");
        Assert.Contains("tls_failed", answer, StringComparison.Ordinal);
        Assert.DoesNotContain(Value, answer, StringComparison.Ordinal);
        Assert.Null(got);
    }

    // What the client and the server got; the server has a certificate that is trusted, for a name of its own.
    private static async Task<(string Answer, string? Got)> AskOverTlsAsync(LoopbackServer server, string name)
    {
        using var certificate = TestTls.Certificate(name);
        var host = string.Create(CultureInfo.InvariantCulture, $"api.example:{server.Port}");
        var secrets = Secrets(host);
        await using var proxy = await ProxyFixture.MakeAsync([new("api.example", [server.Port]), new("127.0.0.1", [server.Port])], secrets: secrets, trust: () => TestTls.Trusting(certificate));
        proxy.Names["api.example"] = [IPAddress.Loopback];
        var answering = server.AnswerAsync(Ok, wrap: async stream => await TestTls.EncryptAsync(stream, certificate));
        var answer = await proxy.AskAsync($"GET http://{host}/ HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {Assert.Single(secrets.Variables).Value}\r\n\r\n");
        try
        {
            return (answer, await answering);
        }
        catch (Exception e) when (e is IOException or System.Security.Authentication.AuthenticationException)
        {
            return (answer, null);
        }
    }

    private static Destination To(string text) => Destination.Parse(text, defaultPort: null);

    private static SessionSecrets Secrets(params string[] hosts) =>
        SessionSecrets.Of([("API_KEY", Value, (IReadOnlyList<SecretHost>)[.. hosts.Select(host => SecretHost.Read(host, out var fault) ?? throw new ArgumentException(fault))], false)]);
}
