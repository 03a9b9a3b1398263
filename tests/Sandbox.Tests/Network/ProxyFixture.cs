using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Strata.Contracts;
using Strata.Policy;

namespace Strata.Sandbox.Tests;

/// <summary>A session's proxies in a network of their own, and the host's loopback to connect to, as far as a test allows that.</summary>
internal sealed class ProxyFixture : IAsyncDisposable, INameResolver
{
    private readonly OtherNetwork _inside;

    private ProxyFixture(OtherNetwork inside) => _inside = inside;

    internal ManualTime Time { get; } = new();

    /// <summary>What names resolve to; one that is not here does not.</summary>
    internal ConcurrentDictionary<string, IPAddress[]> Names { get; } = new();

    /// <summary>Names that were asked for.</summary>
    internal ConcurrentQueue<string> Asked { get; } = new();

    /// <summary>Denials that were told.</summary>
    internal ConcurrentQueue<(string To, string Reason)> Denied { get; } = new();

    internal SessionNetwork Network { get; private set; } = null!;

    internal static async Task<ProxyFixture> MakeAsync(
        IReadOnlyList<SandboxDestination>? allow = null, NetworkLimits? limits = null, string reachable = "127.0.0.0/8", SessionSecrets? secrets = null,
        Func<System.Security.Cryptography.X509Certificates.X509ChainPolicy>? trust = null, Action<string, string>? used = null)
    {
        var fixture = new ProxyFixture(await OtherNetwork.MakeAsync());
        var shared = new SandboxNetworks([IPNetwork.Parse(reachable)], limits ?? new NetworkLimits(), fixture.Time, fixture) { Trust = trust };
        fixture.Network = new SessionNetwork(shared, Rules(allow), secrets ?? SessionSecrets.None, (to, reason) => fixture.Denied.Enqueue((to, reason)), used);
        await fixture.Network.ListenAsync(fixture._inside.ListenAsync);
        return fixture;
    }

    public Task<IReadOnlyList<IPAddress>> ResolveAsync(string name, CancellationToken cancellation)
    {
        Asked.Enqueue(name);
        return Task.FromResult<IReadOnlyList<IPAddress>>(Names.GetValueOrDefault(name, []));
    }

    internal static NetworkRules Rules(IReadOnlyList<SandboxDestination>? allow) =>
        NetworkRules.Read(allow, SandboxBounds.None, [IPNetwork.Parse("0.0.0.0/0"), IPNetwork.Parse("::/0")], out var fault) ?? throw new ArgumentException(fault!.Message);

    internal Task<NetworkStream> HttpAsync() => _inside.ConnectAsync(SessionNetwork.HttpPort);

    internal Task<NetworkStream> SocksAsync() => _inside.ConnectAsync(SessionNetwork.SocksPort);

    internal OtherNetwork Inside => _inside;

    /// <summary>Says something to the HTTP proxy and reads all that comes back.</summary>
    internal async Task<string> AskAsync(string request)
    {
        await using var stream = await HttpAsync();
        await stream.WriteAsync(Encoding.Latin1.GetBytes(request));
        return await ReadAllAsync(stream);
    }

    internal static async Task<string> ReadAllAsync(Stream stream)
    {
        var all = new MemoryStream();
        try
        {
            await stream.CopyToAsync(all).Soon();
        }
        catch (IOException)
        {
            // Reset: what came before that counts.
        }

        return Encoding.Latin1.GetString(all.ToArray());
    }

    internal static async Task<string> ReadAsync(Stream stream, int bytes)
    {
        var buffer = new byte[bytes];
        await stream.ReadExactlyAsync(buffer).AsTask().Soon();
        return Encoding.Latin1.GetString(buffer);
    }

    public async ValueTask DisposeAsync()
    {
        await Network.DisposeAsync();
        await _inside.DisposeAsync();
    }
}
