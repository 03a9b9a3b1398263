using System.Net.Sockets;

namespace Strata.Linux;

/// <summary>A connection over a Unix socket that keeps the descriptor which comes with bytes; the runtime's own streams close such a one unseen.</summary>
public sealed class DescriptorTakingStream : Stream
{
    private readonly Socket _socket;
    private readonly NetworkStream _inner;
    private FileDescriptor? _taken;

    private DescriptorTakingStream(Socket socket) => (_socket, _inner) = (socket, new NetworkStream(socket, ownsSocket: true));

    /// <inheritdoc/>
    public override bool CanRead => true;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override bool CanWrite => true;

    /// <inheritdoc/>
    public override long Length => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>Connects.</summary>
    /// <param name="path">Where somebody listens.</param>
    /// <param name="cancellation">Ends the attempt.</param>
    /// <exception cref="SocketException">Nobody listens there, or it may not be reached.</exception>
    public static async Task<DescriptorTakingStream> ConnectAsync(string path, CancellationToken cancellation)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), cancellation).ConfigureAwait(false);
            return new DescriptorTakingStream(socket);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>The descriptor that came last, which is the caller's from now on; null for none.</summary>
    public FileDescriptor? Take() => Interlocked.Exchange(ref _taken, null);

    /// <inheritdoc/>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (true)
        {
            // Nothing is read here: it only waits, since the runtime's own reading drops descriptors.
            await _socket.ReceiveAsync(Memory<byte>.Empty, cancellationToken).ConfigureAwait(false);
            if (ReadWaiting(buffer.Span) is { } count)
            {
                return count;
            }
        }
    }

    /// <inheritdoc/>
    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) => _inner.WriteAsync(buffer, cancellationToken);

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => _inner.Write(buffer, offset, count);

    /// <inheritdoc/>
    public override void Flush()
    {
    }

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException();

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _inner.Dispose();
            Take()?.Dispose();
        }

        base.Dispose(disposing);
    }

    private int? ReadWaiting(Span<byte> buffer)
    {
        Span<int> descriptors = [-1];
        var count = DescriptorPassing.TryReceive((int)_socket.Handle, buffer, descriptors, out var received, out _);
        if (received > 0)
        {
            Interlocked.Exchange(ref _taken, new FileDescriptor(descriptors[0]))?.Dispose();
        }

        return count >= 0 ? count
            : count is -Errno.EAGAIN or -Errno.EINTR ? null
            : throw new IOException($"the connection broke: {Errno.Name(-count)}");
    }
}
