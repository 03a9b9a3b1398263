namespace Strata.Supervision;

/// <summary>
/// Cuts a stream of bytes into lines, however the bytes arrive. A line that is too long is given as soon as its first
/// <see cref="MaxLineBytes"/> are there, marked as cut; the rest of it is dropped, so that a writer that never ends a line
/// costs no more memory than one that does. Not for several threads.
/// </summary>
public sealed class LineSplitter
{
    /// <summary>Bytes of a line that are kept.</summary>
    public const int MaxLineBytes = 8192;

    private const int KeptBufferBytes = 1024;

    private byte[] _held = [];
    private int _count;
    private bool _skipping;

    /// <summary>Bytes of an unfinished line that are held.</summary>
    public int HeldBytes => _count;

    /// <summary>Takes the next bytes.</summary>
    /// <param name="bytes">As they were read.</param>
    /// <param name="take">Called for each line that is whole, or long enough to be cut.</param>
    public void Feed(ReadOnlySpan<byte> bytes, LineHandler take)
    {
        while (!bytes.IsEmpty)
        {
            var end = bytes.IndexOf((byte)'\n');
            TakePart(end < 0 ? bytes : bytes[..end], ends: end >= 0, take);
            bytes = end < 0 ? [] : bytes[(end + 1)..];
        }
    }

    /// <summary>The stream has ended: what is held is a line although nothing ended it.</summary>
    public void End(LineHandler take)
    {
        if (_count > 0)
        {
            Give(_held.AsSpan(0, _count), cut: false, take);
        }

        _skipping = false;
    }

    private void TakePart(ReadOnlySpan<byte> part, bool ends, LineHandler take)
    {
        if (_skipping)
        {
            _skipping = !ends;
        }
        else if (_count + part.Length > MaxLineBytes)
        {
            Hold(part[..(MaxLineBytes - _count)]);
            Give(_held.AsSpan(0, _count), cut: true, take);
            _skipping = !ends;
        }
        else if (ends && _count == 0)
        {
            take(part, false);
        }
        else
        {
            Hold(part);
            if (ends)
            {
                Give(_held.AsSpan(0, _count), cut: false, take);
            }
        }
    }

    private void Hold(ReadOnlySpan<byte> part)
    {
        if (_held.Length < _count + part.Length)
        {
            Array.Resize(ref _held, Math.Min(MaxLineBytes, Math.Max(_count + part.Length, _held.Length * 2)));
        }

        part.CopyTo(_held.AsSpan(_count));
        _count += part.Length;
    }

    private void Give(ReadOnlySpan<byte> line, bool cut, LineHandler take)
    {
        _count = 0;
        take(line, cut);
        if (_held.Length > KeptBufferBytes)
        {
            _held = [];
        }
    }
}
