using System.Net.Sockets;
using Strata.Linux;

namespace Strata.StrataCtl.Connection;

/// <summary>A connection to a service that keeps the descriptor which comes with an answer; elsewhere such a one is closed unseen.</summary>
internal sealed class DescriptorTakingStream(Socket socket) : Stream
{
    private readonly NetworkStream _inner = new(socket, ownsSocket: true);
    private FileDescriptor? _taken;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>Connects to a service.</summary>
    /// <exception cref="SocketException">It does not listen.</exception>
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

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (true)
        {
            // Nothing is read here: it only waits, since the runtime's own reading drops descriptors.
            await socket.ReceiveAsync(Memory<byte>.Empty, cancellationToken).ConfigureAwait(false);
            if (ReadWaiting(buffer.Span) is { } count)
            {
                return count;
            }
        }
    }

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) => _inner.WriteAsync(buffer, cancellationToken);

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => _inner.Write(buffer, offset, count);

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

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
        var count = DescriptorPassing.TryReceive((int)socket.Handle, buffer, descriptors, out var received, out _);
        if (received > 0)
        {
            Interlocked.Exchange(ref _taken, new FileDescriptor(descriptors[0]))?.Dispose();
        }

        return count >= 0 ? count
            : count is -Errno.EAGAIN or -Errno.EINTR ? null
            : throw new IOException($"the connection broke: {Errno.Name(-count)}");
    }
}
