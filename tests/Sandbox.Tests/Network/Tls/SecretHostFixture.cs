using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Strata.Contracts;

namespace Strata.Sandbox.Tests;

/// <summary>A host that gets a secret, on loopback, and the proxies of a session that has it. The host's certificate is the test's; clients inside trust the session's authority alone.</summary>
internal sealed class SecretHostFixture : IAsyncDisposable
{
    internal const string Name = "api.example";
    internal const string Value = "real-value";
    private const string Established = "HTTP/1.1 200 Connection established\r\n\r\n";

    private readonly X509Certificate2 _certificate;

    private SecretHostFixture(X509Certificate2 certificate) => _certificate = certificate;

    internal LoopbackServer Server { get; } = new();

    internal ProxyFixture Proxy { get; private set; } = null!;

    internal System.Collections.Concurrent.ConcurrentQueue<(string Name, string To)> Used { get; } = new();

    internal int Port => Server.Port;

    /// <summary>The host, with its port.</summary>
    internal string Host => string.Create(CultureInfo.InvariantCulture, $"{Name}:{Port}");

    /// <summary>What programs inside have instead of the value.</summary>
    internal string Placeholder => Proxy.Network.Secrets.Variables.First().Value;

    /// <summary>Of a secret for another host.</summary>
    internal string OtherPlaceholder => Proxy.Network.Secrets.Variables.Last().Value;

    internal static async Task<SecretHostFixture> MakeAsync(string certificateName = Name, bool clearOnly = false, NetworkLimits? limits = null)
    {
        var fixture = new SecretHostFixture(TestTls.Certificate(certificateName));
        var secrets = SessionSecrets.Of(
        [
            ("API_KEY", Value, [SecretHost.Read(fixture.Host, out _)!], clearOnly),
            ("OTHER_KEY", "other-value", [SecretHost.Read(string.Create(CultureInfo.InvariantCulture, $"*.cloud.example:{fixture.Port}"), out _)!], clearOnly),
        ]);
        IReadOnlyList<SandboxDestination> allow = [new("*", [fixture.Port]), new("127.0.0.1", [fixture.Port])];
        fixture.Proxy = await ProxyFixture.MakeAsync(
            allow, limits, secrets: secrets, trust: () => TestTls.Trusting(fixture._certificate), used: (name, to) => fixture.Used.Enqueue((name, to)));
        foreach (var name in new[] { Name, "a.cloud.example", "other.example" })
        {
            fixture.Proxy.Names[name] = [IPAddress.Loopback];
        }

        return fixture;
    }

    /// <summary>Asks the HTTP proxy for a tunnel.</summary>
    internal async Task<NetworkStream> TunnelAsync(string host = Name)
    {
        var stream = await Proxy.HttpAsync();
        var to = string.Create(CultureInfo.InvariantCulture, $"{host}:{Port}");
        await stream.WriteAsync(Encoding.Latin1.GetBytes($"CONNECT {to} HTTP/1.1\r\nHost: {to}\r\n\r\n"));
        Assert.Equal(Established, await ProxyFixture.ReadAsync(stream, Established.Length));
        return stream;
    }

    /// <summary>A tunnel, and TLS through it to whom the session's authority signs for.</summary>
    /// <param name="host">Of CONNECT.</param>
    /// <param name="indicated">Whom TLS is asked for; empty for nobody.</param>
    /// <param name="protocols">What is offered; null for nothing.</param>
    /// <param name="trusts">The certificate that is trusted; null for that of the session.</param>
    internal async Task<SslStream> ConnectAsync(string host = Name, string? indicated = null, List<SslApplicationProtocol>? protocols = null, X509Certificate2? trusts = null) =>
        await EncryptAsync(await TunnelAsync(host), indicated ?? host, protocols, trusts);

    internal async Task<SslStream> EncryptAsync(Stream stream, string indicated, List<SslApplicationProtocol>? protocols = null, X509Certificate2? trusts = null)
    {
        var policy = TestTls.Trusting(trusts ?? X509Certificate2.CreateFromPem(Proxy.Network.Authority!.Pem));
        policy.VerificationTimeIgnored = false;
        policy.VerificationTime = trusts is null ? Proxy.Time.GetUtcNow().UtcDateTime : TimeProvider.System.GetUtcNow().UtcDateTime;
        var encrypted = new SslStream(stream);
        try
        {
            await encrypted.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = indicated, CertificateChainPolicy = policy, ApplicationProtocols = protocols }).Soon();
            return encrypted;
        }
        catch
        {
            // Who is refused is waited for until it leaves.
            await encrypted.DisposeAsync();
            throw;
        }
    }

    /// <summary>The host takes a connection.</summary>
    internal async Task<SslStream> AcceptAsync() => await TestTls.EncryptAsync(await Server.AcceptAsync(), _certificate);

    internal X509Certificate2 ServerCertificate => _certificate;

    internal static Task SayAsync(Stream stream, string text) => stream.WriteAsync(Encoding.Latin1.GetBytes(text)).AsTask().Soon();

    /// <summary>Reads a head.</summary>
    internal static async Task<string> HeadAsync(Stream stream)
    {
        var read = new StringBuilder();
        while (!read.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            read.Append(await ProxyFixture.ReadAsync(stream, 1));
        }

        return read.ToString();
    }

    public async ValueTask DisposeAsync()
    {
        await Proxy.DisposeAsync();
        Server.Dispose();
        _certificate.Dispose();
    }
}
