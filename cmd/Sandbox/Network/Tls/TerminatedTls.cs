using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Text;

namespace Strata.Sandbox;

/// <summary>
/// A connection that a program encrypts to a host which gets a secret: the proxy is that host to the program, and a client to the host. What the program asks is
/// read and has the value put in; what the host answers is passed on as it comes.
/// </summary>
internal sealed class TerminatedTls
{
    private readonly SessionNetwork _network;
    private readonly NetworkStream _socket;
    private readonly SslStream _client;
    private readonly ProxyInput _input;
    private readonly OpenConnection _connection;
    private readonly TaskCompletionSource<bool> _upgraded = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private TerminatedTls(SessionNetwork network, NetworkStream socket, SslStream client, OpenConnection connection)
    {
        (_network, _socket, _client, _connection) = (network, socket, client, connection);
        _input = new ProxyInput(client, HttpHead.MaxBytes);
    }

    /// <summary>Serves a client that was told that it is connected.</summary>
    /// <param name="network">The session's.</param>
    /// <param name="client">The client.</param>
    /// <param name="input">What came from it already, and comes.</param>
    /// <param name="connection">To where it goes.</param>
    internal static async Task ServeAsync(SessionNetwork network, NetworkStream client, ProxyInput input, OpenConnection connection)
    {
        using var encrypted = new SslStream(new AheadStream(input, client), leaveInnerStreamOpen: true);
        try
        {
            if (await ClientTls.BeginAsync(network, client, encrypted, connection).ConfigureAwait(false))
            {
                await new TerminatedTls(network, client, encrypted, connection).ServeAsync().ConfigureAwait(false);
            }
        }
        catch (AuthenticationException)
        {
            // It speaks no TLS, or does not trust the certificate.
        }
    }

    private async Task ServeAsync()
    {
        using var server = new SslStream(_connection.Stream, leaveInnerStreamOpen: true);
        ProxyRequest? first;
        try
        {
            using (var limit = new IdleLimit(_network.Shared.Limits.HeadTime, _network.Shared.Time, _connection.Ended))
            {
                first = await ReadRequestAsync(limit.Token).ConfigureAwait(false);
            }

            if (first is null)
            {
                return;
            }

            await ServerTls.BeginAsync(_network, _connection.To, _connection, server).ConfigureAwait(false);
        }
        catch (NetworkFault e)
        {
            await Farewell.SayAsync(_client, _socket.Socket, HttpProxy.AnswerTo(e), _network.Shared.Limits, _network.Shared.Time, _connection.Ended).ConfigureAwait(false);
            return;
        }

        await ExchangeAsync(first, server).ConfigureAwait(false);
    }

    private async Task ExchangeAsync(ProxyRequest first, SslStream server)
    {
        using var limit = new IdleLimit(_network.Shared.Limits.IdleTime, _network.Shared.Time, _connection.Ended);
        var asking = AskAsync(first, server, limit);
        try
        {
            await AnswerAsync(first, server, limit).ConfigureAwait(false);
            await _client.ShutdownAsync().WaitAsync(limit.Token).ConfigureAwait(false);
        }
        catch (NetworkFault)
        {
            // The host's answer is none; part of it may have gone out.
        }
        finally
        {
            limit.End();
            await asking.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task AskAsync(ProxyRequest first, SslStream server, IdleLimit limit)
    {
        try
        {
            for (ProxyRequest? request = first; request is not null; request = await NextAsync(limit).ConfigureAwait(false))
            {
                await SendAsync(request, server, limit).ConfigureAwait(false);
                if (request.Upgrade is not null && await _upgraded.Task.WaitAsync(limit.Token).ConfigureAwait(false))
                {
                    await CarryAsync(server, limit).ConfigureAwait(false);
                    break;
                }

                if (request.IsLast)
                {
                    return;
                }
            }

            // The client has said all: the host may still answer.
            await server.ShutdownAsync().WaitAsync(limit.Token).ConfigureAwait(false);
            _connection.Socket.Shutdown(SocketShutdown.Send);
        }
        catch
        {
            // Answers may be on their way, between which none of ours can go.
            limit.End();
            throw;
        }
    }

    private async Task SendAsync(ProxyRequest request, SslStream server, IdleLimit limit)
    {
        var head = request.ToServer(value => _network.PutInto(value, request.To, isSecure: true, isTerminated: true));
        await server.WriteAsync(Encoding.Latin1.GetBytes(head), limit.Token).ConfigureAwait(false);
        limit.Stir();
        await RequestBody.PassAsync(_input, server, request.BodyBytes, bytes => Sent(bytes, limit), limit.Token).ConfigureAwait(false);
        await server.FlushAsync(limit.Token).ConfigureAwait(false);
    }

    // What both have agreed to speak from here on is theirs alone.
    private async Task CarryAsync(SslStream server, IdleLimit limit)
    {
        await server.WriteAsync(_input.Waiting, limit.Token).ConfigureAwait(false);
        Sent(_input.Waiting.Length, limit);
        await Relay.CarryAsync(_client, server, bytes => Sent(bytes, limit), limit.Token).ConfigureAwait(false);
    }

    private async Task<ProxyRequest?> NextAsync(IdleLimit limit)
    {
        // A kept connection is idle as long as any; a head that has begun comes soon.
        if (_input.Waiting.IsEmpty && !await _input.FillAsync(limit.Token).ConfigureAwait(false))
        {
            return null;
        }

        using var head = new IdleLimit(_network.Shared.Limits.HeadTime, _network.Shared.Time, limit.Token);
        return (await ReadRequestAsync(head.Token).ConfigureAwait(false))?.WithoutUpgrade();
    }

    private async Task<ProxyRequest?> ReadRequestAsync(CancellationToken cancellation)
    {
        var head = await HttpHead.ReadAsync(_input, cancellation).ConfigureAwait(false);
        try
        {
            return head is null ? null : ProxyRequest.OfHost(head, _connection.To);
        }
        catch (NetworkFault e) when (e.Kind == NetworkFaultKind.Denied)
        {
            _network.Deny(_connection.To, e.Reason);
            throw;
        }
    }

    private async Task AnswerAsync(ProxyRequest first, SslStream server, IdleLimit limit)
    {
        if (first.Upgrade is not null)
        {
            await AnswerUpgradeAsync(server, limit).ConfigureAwait(false);
        }

        await Relay.CarryAsync(server, _client, bytes => Received(bytes, limit), limit.Token).ConfigureAwait(false);
    }

    // Only whether the host agrees is read of what it answers.
    private async Task AnswerUpgradeAsync(SslStream server, IdleLimit limit)
    {
        var answer = new ProxyInput(server, HttpHead.MaxBytes);
        int status;
        do
        {
            var head = await answer.ReadAsync<byte[]>(
                waiting => HttpHead.LengthIn(waiting.Span) is { } length ? (length, waiting[..length].ToArray()) : null, limit.Token).ConfigureAwait(false);
            if (head is null)
            {
                return;
            }

            await _client.WriteAsync(head, limit.Token).ConfigureAwait(false);
            Received(head.Length, limit);
            status = HttpHead.StatusOf(head);
        }
        while (status is >= HttpHead.FirstInformational and < HttpHead.FirstFinal and not HttpHead.SwitchingProtocols);
        await _client.WriteAsync(answer.Waiting, limit.Token).ConfigureAwait(false);
        Received(answer.Waiting.Length, limit);
        _upgraded.SetResult(status == HttpHead.SwitchingProtocols);
    }

    private void Sent(int bytes, IdleLimit limit)
    {
        _network.Traffic.Send(bytes);
        limit.Stir();
    }

    private void Received(int bytes, IdleLimit limit)
    {
        _network.Traffic.Receive(bytes);
        limit.Stir();
    }
}
