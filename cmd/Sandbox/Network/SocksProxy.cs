using System.Net.Sockets;

namespace Strata.Sandbox;

/// <summary>The SOCKS 5 proxy: CONNECT alone.</summary>
internal static class SocksProxy
{
    private const byte NobodyAsked = 0;
    private const byte PasswordAsked = 2;
    private const byte Granted = 0;

    /// <inheritdoc cref="HttpProxy.ServeAsync"/>
    internal static async Task ServeAsync(SessionNetwork network, NetworkStream client, bool hasRoom, CancellationToken cancellation)
    {
        if (!hasRoom)
        {
            return;
        }

        var input = new ProxyInput(client, SocksMessage.MaxBytes);
        try
        {
            if (await ReadRequestAsync(network, client, input, cancellation).ConfigureAwait(false) is not { } to)
            {
                return;
            }

            using var connection = await network.OpenAsync(to, cancellation).ConfigureAwait(false);
            await client.WriteAsync(SocksMessage.Answer(Granted), connection.Ended).ConfigureAwait(false);
            await Tunnel.ServeAsync(network, client, input, connection).ConfigureAwait(false);
        }
        catch (NetworkFault e)
        {
            await Farewell.SayAsync(client, client.Socket, SocksMessage.Answer(SocksMessage.StatusOf(e)), network.Shared.Limits, network.Shared.Time, cancellation).ConfigureAwait(false);
        }
    }

    private static async Task<Destination?> ReadRequestAsync(SessionNetwork network, NetworkStream client, ProxyInput input, CancellationToken cancellation)
    {
        using var limit = new IdleLimit(network.Shared.Limits.HeadTime, network.Shared.Time, cancellation);
        var greeting = await input.ReadAsync<byte[]>(waiting => SocksMessage.ReadGreeting(waiting.Span) is { } whole ? (whole.Length, [5, whole.Method]) : null, limit.Token).ConfigureAwait(false);
        if (greeting is null)
        {
            return null;
        }

        await client.WriteAsync(greeting, limit.Token).ConfigureAwait(false);
        if (greeting[1] == PasswordAsked)
        {
            var answer = await input.ReadAsync<byte[]>(waiting => SocksMessage.ReadPassword(waiting.Span) is { } length ? (length, [1, 0]) : null, limit.Token).ConfigureAwait(false);
            await client.WriteAsync(answer, limit.Token).ConfigureAwait(false);
        }
        else if (greeting[1] != NobodyAsked)
        {
            return null;
        }

        return await input.ReadAsync<Destination>(waiting => SocksMessage.ReadRequest(waiting.Span), limit.Token).ConfigureAwait(false);
    }
}
