using System.Globalization;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;

namespace Strata.Sandbox;

/// <summary>The HTTP proxy: tunnels (CONNECT), and one request of HTTP a connection.</summary>
internal static class HttpProxy
{
    private static readonly byte[] Established = "HTTP/1.1 200 Connection established\r\n\r\n"u8.ToArray();

    /// <summary>Serves a client.</summary>
    /// <param name="network">The session's.</param>
    /// <param name="client">The client.</param>
    /// <param name="hasRoom">Whether it may be served.</param>
    /// <param name="cancellation">Ends it.</param>
    internal static async Task ServeAsync(SessionNetwork network, NetworkStream client, bool hasRoom, CancellationToken cancellation)
    {
        try
        {
            if (!hasRoom)
            {
                throw new NetworkFault(NetworkFaultKind.Busy, NetworkReasons.TooManyConnections, "the session has as many connections as it may; end some, or try again");
            }

            var input = new ProxyInput(client, HttpHead.MaxBytes);
            if (await ReadRequestAsync(network, input, cancellation).ConfigureAwait(false) is { } request)
            {
                await AnswerAsync(network, client, input, request, cancellation).ConfigureAwait(false);
            }
        }
        catch (NetworkFault e)
        {
            await Farewell.SayAsync(client, client.Socket, AnswerTo(e), network.Shared.Limits, network.Shared.Time, cancellation).ConfigureAwait(false);
        }
    }

    private static async Task<ProxyRequest?> ReadRequestAsync(SessionNetwork network, ProxyInput input, CancellationToken cancellation)
    {
        using var limit = new IdleLimit(network.Shared.Limits.HeadTime, network.Shared.Time, cancellation);
        return await HttpHead.ReadAsync(input, limit.Token).ConfigureAwait(false) is { } head ? network.Secrets.Secure(ProxyRequest.Of(head)) : null;
    }

    private static async Task AnswerAsync(SessionNetwork network, NetworkStream client, ProxyInput input, ProxyRequest request, CancellationToken cancellation)
    {
        using var connection = await network.OpenAsync(request.To, cancellation).ConfigureAwait(false);
        if (request.IsTunnel)
        {
            await client.WriteAsync(Established, connection.Ended).ConfigureAwait(false);
            await Tunnel.ServeAsync(network, client, input, connection).ConfigureAwait(false);
            return;
        }

        if (!request.IsHttps)
        {
            await ExchangeAsync(network, client, input, request, connection, connection.Stream).ConfigureAwait(false);
            return;
        }

        using var encrypted = new SslStream(connection.Stream, leaveInnerStreamOpen: true);
        await ServerTls.BeginAsync(network, request.To, connection, encrypted).ConfigureAwait(false);
        await ExchangeAsync(network, client, input, request, connection, encrypted).ConfigureAwait(false);
    }

    private static async Task ExchangeAsync(SessionNetwork network, NetworkStream client, ProxyInput input, ProxyRequest request, OpenConnection connection, Stream server)
    {
        using var limit = new IdleLimit(network.Shared.Limits.IdleTime, network.Shared.Time, connection.Ended);
        await server.WriteAsync(Encoding.Latin1.GetBytes(request.ToServer(value => network.PutInto(value, request.To, request.IsHttps))), limit.Token).ConfigureAwait(false);
        var asking = AskAsync(network, input, request, server, limit);
        try
        {
            await Relay.CarryAsync(server, client, bytes => Count(bytes, network.Traffic.Receive, limit), limit.Token).ConfigureAwait(false);
        }
        finally
        {
            limit.End();
            await asking.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private static async Task AskAsync(SessionNetwork network, ProxyInput input, ProxyRequest request, Stream server, IdleLimit limit)
    {
        try
        {
            await RequestBody.PassAsync(input, server, request.BodyBytes, bytes => Count(bytes, network.Traffic.Send, limit), limit.Token).ConfigureAwait(false);
            await server.FlushAsync(limit.Token).ConfigureAwait(false);
        }
        catch (NetworkFault)
        {
            limit.End();
        }
    }

    private static void Count(int bytes, Action<int> count, IdleLimit limit)
    {
        count(bytes);
        limit.Stir();
    }

    /// <summary>What a client is answered whose request comes to nothing.</summary>
    internal static byte[] AnswerTo(NetworkFault fault)
    {
        var status = fault.Kind switch
        {
            NetworkFaultKind.Malformed => "400 Bad Request",
            NetworkFaultKind.Denied => "403 Forbidden",
            NetworkFaultKind.Unreachable => "502 Bad Gateway",
            NetworkFaultKind.Busy => "503 Service Unavailable",
            _ => "504 Gateway Timeout",
        };
        var text = $"{fault.Reason}: {fault.Message}\n";
        return Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture,
            $"HTTP/1.1 {status}\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: {Encoding.UTF8.GetByteCount(text)}\r\nStrata-Reason: {fault.Reason}\r\nConnection: close\r\n\r\n{text}"));
    }
}
