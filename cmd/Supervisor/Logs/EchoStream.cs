namespace Strata.Supervisor;

/// <summary>The echo as a stream for the supervisor's own logger, whose every write is one line.</summary>
internal sealed class EchoStream(Echo echo) : Stream
{
    /// <summary>Told each line as well, once there is somebody to keep it; must not block.</summary>
    internal Action<byte[]>? AlsoTo { get; set; }

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        var line = buffer.ToArray();
        echo.Write(line);
        AlsoTo?.Invoke(line);
    }

    public override void Flush()
    {
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();
}
