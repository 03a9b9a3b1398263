using Strata.Policy;

namespace Strata.StrataCtl.Audit;

/// <summary>Lines of an audit file from a place on. A line without an end stays unread: it may be being written.</summary>
internal sealed class AuditReader : IDisposable
{
    private readonly FileStream _file;
    private byte[] _buffer = new byte[AuditLine.MaxBytes];
    private int _start;
    private int _end;

    public AuditReader(string path, long offset = 0)
    {
        _file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
        Offset = _file.Seek(Math.Min(offset, _file.Length), SeekOrigin.Begin);
    }

    /// <summary>Where the next line begins.</summary>
    public long Offset { get; private set; }

    /// <summary>Bytes after the last line that have no end of line.</summary>
    public int TornBytes => _end - _start;

    /// <summary>Reads the next line; false at the end for now.</summary>
    /// <param name="line">Without its newline; valid until the next call.</param>
    public bool TryRead(out ReadOnlySpan<byte> line)
    {
        while (true)
        {
            var rest = _buffer.AsSpan(_start, _end - _start);
            var length = rest.IndexOf((byte)'\n');
            if (length >= 0)
            {
                line = rest[..length];
                _start += length + 1;
                Offset += length + 1;
                return true;
            }

            if (!Fill())
            {
                line = default;
                return false;
            }
        }
    }

    public void Dispose() => _file.Dispose();

    private bool Fill()
    {
        if (_start > 0)
        {
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            (_start, _end) = (0, _end - _start);
        }

        if (_end == _buffer.Length)
        {
            // Longer than any record: a damaged file. What is left of it is one torn line, and memory stays bounded.
            return false;
        }

        var count = _file.Read(_buffer, _end, _buffer.Length - _end);
        _end += count;
        return count > 0;
    }
}
