using System.Net;
using System.Net.Sockets;

namespace Strata.Sandbox;

/// <summary>A connection that somebody inside has to somewhere; ends when that is not allowed any more.</summary>
internal sealed class OpenConnection : IDisposable
{
    private readonly CancellationTokenSource _ended;
    private readonly Action<OpenConnection> _left;

    internal OpenConnection(Destination to, Socket socket, Action<OpenConnection> left, CancellationToken cancellation)
    {
        (To, Socket, _left) = (to, socket, left);
        Address = ((IPEndPoint)socket.RemoteEndPoint!).Address;
        _ended = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        Ended = _ended.Token;
        Stream = new NetworkStream(socket, ownsSocket: true);
    }

    internal Destination To { get; }

    internal IPAddress Address { get; }

    internal Socket Socket { get; }

    internal NetworkStream Stream { get; }

    /// <summary>Cancelled when it must end.</summary>
    internal CancellationToken Ended { get; }

    /// <summary>It must end.</summary>
    internal void End()
    {
        try
        {
            _ended.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // It has.
        }
    }

    public void Dispose()
    {
        _left(this);
        Stream.Dispose();
        _ended.Dispose();
    }
}
