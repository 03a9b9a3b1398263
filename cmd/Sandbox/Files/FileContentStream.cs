using Strata.Linux;

namespace Strata.Sandbox;

/// <summary>A file's bytes, exactly as many as it had at first: what grows behind them is left out, what was cut meanwhile reads as zeros, so that an archive's entry has the length it says.</summary>
internal sealed class FileContentStream(int file, long size, CancellationToken ends) : Stream
{
    private long _position;

    public override bool CanRead => true;

    public override bool CanSeek => true;

    public override bool CanWrite => false;

    public override long Length => size;

    public override long Position
    {
        get => _position;
        set => _position = value;
    }

    public override int Read(Span<byte> buffer)
    {
        ends.ThrowIfCancellationRequested();
        buffer = buffer[..(int)Math.Clamp(size - _position, 0, buffer.Length)];
        if (buffer.IsEmpty)
        {
            return 0;
        }

        var count = FileContent.TryRead(file, buffer, _position);
        while (count == -Errno.EINTR)
        {
            count = FileContent.TryRead(file, buffer, _position);
        }

        if (count == 0)
        {
            buffer.Clear();
            count = buffer.Length;
        }

        _position += SandboxFileErrors.Check(count);
        return count;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override long Seek(long offset, SeekOrigin origin) =>
        _position = origin switch
        {
            SeekOrigin.Begin => offset,
            SeekOrigin.Current => _position + offset,
            _ => size + offset,
        };

    public override void Flush()
    {
    }

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
