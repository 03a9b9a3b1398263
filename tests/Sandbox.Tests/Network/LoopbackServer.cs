using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Strata.Sandbox.Tests;

/// <summary>A server on the host's loopback.</summary>
internal sealed class LoopbackServer : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);

    internal LoopbackServer() => _listener.Start();

    internal int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>Whether somebody has connected who was not accepted.</summary>
    internal bool HasVisitor => _listener.Pending();

    internal async Task<NetworkStream> AcceptAsync() => new(await _listener.AcceptSocketAsync().Soon(), ownsSocket: true);

    /// <summary>Accepts one connection, reads a request's head and a body of so many bytes, and answers.</summary>
    internal async Task<string> AnswerAsync(string response, int bodyBytes = 0, Func<Stream, Task<Stream>>? wrap = null)
    {
        await using var plain = await AcceptAsync();
        var stream = wrap is null ? plain : await wrap(plain);
        var read = new StringBuilder();
        while (!read.ToString().Contains("\r\n\r\n", StringComparison.Ordinal))
        {
            read.Append(await ProxyFixture.ReadAsync(stream, 1));
        }

        read.Append(await ProxyFixture.ReadAsync(stream, bodyBytes));
        await stream.WriteAsync(Encoding.Latin1.GetBytes(response));
        if (!ReferenceEquals(stream, plain))
        {
            await stream.DisposeAsync();
        }

        return read.ToString();
    }

    public void Dispose() => _listener.Dispose();
}
