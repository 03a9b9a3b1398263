using System.Collections.Concurrent;
using System.Net.Sockets;

namespace Strata.Sandbox;

/// <summary>A session's way out: an HTTP and a SOCKS proxy on loopback inside, which connect from outside to what the session may reach.</summary>
internal sealed class SessionNetwork : IAsyncDisposable
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
    private volatile NetworkRules _rules;

    /// <param name="shared">What all sessions share.</param>
    /// <param name="rules">What it may reach.</param>
    /// <param name="secrets">What its proxy puts in.</param>
    /// <param name="denied">Told where to and why not, but not more often than <see cref="NetworkLimits.RecordedDenials"/> says.</param>
    internal SessionNetwork(SandboxNetworks shared, NetworkRules rules, SessionSecrets secrets, Action<string, string> denied)
    {
        (Shared, _rules, Secrets) = (shared, rules, secrets);
        _denials = new DenialRecord(shared.Limits.RecordedDenials, shared.Time, denied);
    }

    /// <summary>What all sessions share.</summary>
    internal SandboxNetworks Shared { get; }

    /// <summary>What its proxy puts in.</summary>
    internal SessionSecrets Secrets { get; }

    /// <summary>What went through.</summary>
    internal NetworkTraffic Traffic { get; } = new();

    /// <summary>What it may reach.</summary>
    internal NetworkRules Rules => _rules;

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
            Traffic.Deny();
            _denials.Note(to.ToString(), e.Reason);
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync().ConfigureAwait(false);
        await Task.WhenAll([.. _accepting]).ConfigureAwait(false);
        await Task.WhenAll([.. _serving.Keys]).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
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
