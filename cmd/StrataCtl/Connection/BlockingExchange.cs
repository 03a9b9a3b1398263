using System.Buffers.Binary;
using System.Net.Sockets;
using System.Text.Json;
using Strata.Ipc;

namespace Strata.StrataCtl.Connection;

/// <summary>
/// One request and one response over a connection of its own, without asynchronous machinery: where a program makes one
/// call and ends, that machinery takes longer to start than the call.
/// </summary>
internal static class BlockingExchange
{
    private const int NoSuchFile = 2;
    private const int HeaderBytes = 4;

    /// <summary>Sends a request and returns the payload of the response.</summary>
    /// <param name="path">Path of the socket.</param>
    /// <param name="request">The request; its id must be set.</param>
    /// <param name="limit">How long each step may take; null waits for ever.</param>
    /// <exception cref="IOException">There is no response; the message says why.</exception>
    public static byte[] Send(string path, RpcRequest request, TimeSpan? limit = null)
    {
        var frame = request.ToFrame(request.ReqId!);
        if (frame.Length - HeaderBytes > IpcLimits.Default.MaxFrameBytes)
        {
            throw new IOException($"the request has {frame.Length - HeaderBytes} bytes; a frame carries at most {IpcLimits.Default.MaxFrameBytes}");
        }

        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.SendTimeout = socket.ReceiveTimeout = limit is { } time ? (int)time.TotalMilliseconds : 0;
        try
        {
            socket.Connect(new UnixDomainSocketEndPoint(path));
        }
        catch (Exception e) when (e is SocketException or ArgumentException)
        {
            throw new IOException($"dial {path}: {Describe(e)}", e);
        }

        try
        {
            socket.Send(frame);
            return Receive(socket);
        }
        catch (SocketException e)
        {
            throw new IOException($"{path}: {Describe(e)}", e);
        }
    }

    private static byte[] Receive(Socket socket)
    {
        var header = new byte[HeaderBytes];
        Fill(socket, header);
        var length = BinaryPrimitives.ReadUInt32BigEndian(header);
        if (length > IpcLimits.Default.MaxFrameBytes)
        {
            throw new IOException($"read response: frame too large: {length} bytes");
        }

        var payload = new byte[length];
        Fill(socket, payload);
        return payload;
    }

    private static void Fill(Socket socket, Span<byte> buffer)
    {
        while (!buffer.IsEmpty)
        {
            var count = socket.Receive(buffer);
            buffer = count > 0 ? buffer[count..] : throw new IOException("read response: the service closed the connection without an answer");
        }
    }

    private static string Describe(Exception e) => e switch
    {
        SocketException { NativeErrorCode: NoSuchFile } or SocketException { SocketErrorCode: SocketError.AddressNotAvailable } => "no such file or directory",
        SocketException { SocketErrorCode: SocketError.ConnectionRefused } => "connection refused",
        SocketException { SocketErrorCode: SocketError.AccessDenied } => "permission denied",
        _ => e.Message,
    };
}
