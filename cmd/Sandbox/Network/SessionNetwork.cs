using System.Collections.Concurrent;
using System.Net.Sockets;

namespace Strata.Sandbox;

/// <summary>A session's way out: an HTTP and a SOCKS proxy on loopback inside, which connect from outside to what the session may reach.</summary>
internal sealed class SessionNetwork : ISessionNetwork
{
    /// <summary>Where the HTTP proxy is inside.</summary>
    internal const int HttpPort = 3128;

    /// <summary>Where the SOCKS proxy is inside.</summary>
    internal const int SocksPort = 1080;

    private static readonly TimeSpan PauseAfterFault = TimeSpan.FromMilliseconds(100);

    private readonly CancellationTokenSource _ending = new();
    private readonly ConcurrentDictionary<OpenConnection, byte> _connections = new();
    private readonly ConcurrentDictionary<Task, byte> _serving = new();
    private readonly List<Task> _accepting = [];
    private readonly DenialRecord _denials;
    private readonly SecretUses _uses;
    private volatile NetworkRules _rules;

    /// <param name="shared">What all sessions share.</param>
    /// <param name="rules">What it may reach.</param>
    /// <param name="secrets">What its proxy puts in.</param>
    /// <param name="denied">Told where to and why not, but not more often than <see cref="NetworkLimits.RecordedDenials"/> says.</param>
    /// <param name="used">Told of each secret and host once, when that gets it.</param>
    /// <param name="ends">When the session ends in any case; null for a day from now.</param>
    internal SessionNetwork(
        SandboxNetworks shared, NetworkRules rules, SessionSecrets secrets, Action<string, string> denied, Action<string, string>? used = null, DateTimeOffset? ends = null)
    {
        (Shared, _rules, Secrets, _uses) = (shared, rules, secrets, new SecretUses(used ?? ((_, _) => { })));
        var now = shared.Time.GetUtcNow();
        Authority = secrets.TlsHosts.Count > 0 ? new SessionAuthority([.. secrets.TlsHosts.Select(host => host.Domain)], now, ends ?? now.AddDays(1)) : null;
        _denials = new DenialRecord(shared.Limits.RecordedDenials, shared.Time, denied);
    }

    /// <summary>What all sessions share.</summary>
    internal SandboxNetworks Shared { get; }

    /// <summary>What its proxy puts in.</summary>
    internal SessionSecrets Secrets { get; }

    /// <summary>Signs for the hosts whose secrets it puts into what programs encrypt; null when there are none.</summary>
    internal SessionAuthority? Authority { get; }

    /// <summary>What went through.</summary>
    internal NetworkTraffic Traffic { get; } = new();

    public NetworkRules Rules => _rules;

    public IEnumerable<KeyValuePair<string, string>> Environment => Authority is null ? Variables : Variables.Concat(TrustBundle.Variables);

    public NetworkFigures Figures() => new(Traffic.Open, Shared.Limits.MaxConnections, Traffic.Connections, Traffic.Denied, Traffic.SentBytes, Traffic.ReceivedBytes);

    public Task ApplyAsync(NetworkRules rules)
    {
        Apply(rules);
        return Task.CompletedTask;
    }

    /// <summary>Variables of every process inside, by which programs find the proxies.</summary>
    internal static IEnumerable<KeyValuePair<string, string>> Variables { get; } =
    [
        .. new[]
        {
            ("http_proxy", "http://127.0.0.1:3128"), ("https_proxy", "http://127.0.0.1:3128"), ("all_proxy", "socks5h://127.0.0.1:1080"), ("no_proxy", "localhost,127.0.0.1,::1"),
        }.SelectMany<(string Name, string Value), KeyValuePair<string, string>>(one => [new(one.Name, one.Value), new(one.Name.ToUpperInvariant(), one.Value)]),
    ];

    /// <summary>Listens inside, before any program is there to do so.</summary>
    /// <param name="listen">Listens on a port inside.</param>
    internal async Task ListenAsync(Func<int, Task<Socket>> listen)
    {
        _accepting.Add(AcceptAsync(await listen(HttpPort).ConfigureAwait(false), HttpProxy.ServeAsync));
        _accepting.Add(AcceptAsync(await listen(SocksPort).ConfigureAwait(false), SocksProxy.ServeAsync));
    }

    /// <summary>From now on it may reach this and nothing else.</summary>
    internal void Apply(NetworkRules rules)
    {
        _rules = rules;
        foreach (var (connection, _) in _connections)
        {
            EndIfDenied(connection);
        }
    }

    /// <summary>Connects to where somebody wants to go.</summary>
    /// <exception cref="NetworkFault">It may not be, or cannot.</exception>
    internal async Task<OpenConnection> OpenAsync(Destination to, CancellationToken cancellation)
    {
        try
        {
            var socket = await Shared.Dialer.DialAsync(_rules, to, cancellation).ConfigureAwait(false);
            var connection = new OpenConnection(to, socket, left => _connections.TryRemove(left, out _), cancellation);
            _connections[connection] = 0;
            // Rules that have changed meanwhile find it among the connections, or are found here.
            EndIfDenied(connection);
            Traffic.Connected();
            return connection;
        }
        catch (NetworkFault e) when (e.Kind == NetworkFaultKind.Denied)
        {
            Deny(to, e.Reason);
            throw;
        }
    }

    /// <summary>Counts a denial, and tells of it.</summary>
    internal void Deny(Destination to, string reason)
    {
        Traffic.Deny();
        _denials.Note(to.ToString(), reason);
    }

    /// <summary>A field's value as the server gets it; who got a secret for the first time is told.</summary>
    /// <inheritdoc cref="SessionSecrets.PutInto"/>
    internal string PutInto(string value, Destination to, bool isSecure, bool isTerminated = false) =>
        Secrets.PutInto(value, to, isSecure, isTerminated, name => _uses.Note(name, to.ToString()));

    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync().ConfigureAwait(false);
        await Task.WhenAll([.. _accepting]).ConfigureAwait(false);
        await Task.WhenAll([.. _serving.Keys]).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        Authority?.Dispose();
        _ending.Dispose();
    }

    private void EndIfDenied(OpenConnection connection)
    {
        if (Shared.Dialer.DenialOf(_rules, connection.To, connection.Address) is not null)
        {
            connection.End();
        }
    }

    private async Task AcceptAsync(Socket listener, Func<SessionNetwork, NetworkStream, bool, CancellationToken, Task> serve)
    {
        using (listener)
        {
            while (!_ending.IsCancellationRequested)
            {
                try
                {
                    var client = await listener.AcceptAsync(_ending.Token).ConfigureAwait(false);
                    var served = ServeAsync(client, serve);
                    _serving[served] = 0;
                    _ = served.ContinueWith(done => _serving.TryRemove(done, out _), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
                }
                catch (OperationCanceledException)
                {
                    return;
                }
                catch (SocketException)
                {
                    // No descriptor is left: the client waits meanwhile.
                    await Task.Delay(PauseAfterFault, Shared.Time, _ending.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                }
            }
        }
    }

    private async Task ServeAsync(Socket client, Func<SessionNetwork, NetworkStream, bool, CancellationToken, Task> serve)
    {
        await Task.Yield();
        var tooMany = Math.Max(Shared.Enter(), Traffic.Enter() - Shared.Limits.MaxConnections);
        try
        {
            using var stream = new NetworkStream(client, ownsSocket: true);
            if (tooMany <= Shared.Limits.MaxFarewells)
            {
                client.NoDelay = true;
                await serve(this, stream, tooMany <= 0, _ending.Token).ConfigureAwait(false);
            }
        }
        catch (Exception e) when (e is IOException or SocketException or OperationCanceledException or NetworkFault)
        {
            // One of the two left, or took too long, or the session ended.
        }
        finally
        {
            Traffic.Leave();
            Shared.Leave();
        }
    }
}
