using System.Net.Security;
using System.Net.Sockets;

namespace Strata.Sandbox;

/// <summary>Lets a client that was refused read that: a socket that is closed with something unread takes back what was sent.</summary>
internal static class Farewell
{
    private const int MaxBytes = 64 * 1024;

    /// <param name="client">What it reads.</param>
    /// <param name="socket">What that comes through.</param>
    /// <param name="message">What it is told.</param>
    /// <param name="limits">The bounds.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellation">Ends it.</param>
    internal static async Task SayAsync(Stream client, Socket socket, ReadOnlyMemory<byte> message, NetworkLimits limits, TimeProvider time, CancellationToken cancellation)
    {
        using var limit = new IdleLimit(limits.FarewellTime, time, cancellation);
        await client.WriteAsync(message, limit.Token).ConfigureAwait(false);
        if (client is SslStream encrypted)
        {
            await encrypted.ShutdownAsync().WaitAsync(limit.Token).ConfigureAwait(false);
        }

        socket.Shutdown(SocketShutdown.Send);
        var unread = new byte[4096];
        for (int sum = 0, count = 1; count > 0 && sum < MaxBytes; sum += count)
        {
            count = await client.ReadAsync(unread, limit.Token).ConfigureAwait(false);
        }
    }
}
