using System.Net.Sockets;

namespace Strata.Sandbox;

/// <summary>Carries bytes both ways until both have said all, or nothing comes any more.</summary>
internal static class Tunnel
{
    /// <summary>Serves a client that was told that it is connected; what it says to a host that gets a secret is looked into.</summary>
    /// <param name="network">The session's.</param>
    /// <param name="client">From inside.</param>
    /// <param name="input">What came from there already, and comes.</param>
    /// <param name="connection">To where it goes.</param>
    internal static Task ServeAsync(SessionNetwork network, NetworkStream client, ProxyInput input, OpenConnection connection) => network.Secrets.Terminates(connection.To)
        ? TerminatedTls.ServeAsync(network, client, input, connection)
        : CarryAsync(network, client, input, connection);

    private static async Task CarryAsync(SessionNetwork network, NetworkStream client, ProxyInput input, OpenConnection connection)
    {
        using var limit = new IdleLimit(network.Shared.Limits.IdleTime, network.Shared.Time, connection.Ended);
        void Sent(int bytes) => Count(bytes, network.Traffic.Send, limit);
        void Received(int bytes) => Count(bytes, network.Traffic.Receive, limit);
        await connection.Stream.WriteAsync(input.Waiting, limit.Token).ConfigureAwait(false);
        Sent(input.Waiting.Length);
        await Task.WhenAll(
            OneWayAsync(client, connection.Stream, connection.Socket, Sent, limit),
            OneWayAsync(connection.Stream, client, client.Socket, Received, limit)).ConfigureAwait(false);
    }

    private static async Task OneWayAsync(NetworkStream from, NetworkStream to, Socket end, Action<int> progress, IdleLimit limit)
    {
        try
        {
            await Relay.CarryAsync(from, to, progress, limit.Token).ConfigureAwait(false);
            end.Shutdown(SocketShutdown.Send);
        }
        catch
        {
            limit.End();
            throw;
        }
    }

    private static void Count(int bytes, Action<int> count, IdleLimit limit)
    {
        count(bytes);
        limit.Stir();
    }
}
