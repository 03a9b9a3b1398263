namespace Strata.Sandbox;

/// <summary>
/// The last of what a program printed, standard output and error in the order they came, each byte at an offset that stays its own. Pure; for one
/// thread at a time.
/// </summary>
internal sealed class OutputRing(int capacity)
{
    /// <summary>The most runs of bytes from one output that are told apart; programs that alternate byte by byte lose the oldest sooner.</summary>
    internal const int MaxRuns = 4096;

    private const int FirstBytes = 4096;

    private readonly LinkedList<(long End, bool IsError)> _runs = new();
    private byte[] _bytes = new byte[Math.Min(FirstBytes, capacity)];

    /// <summary>The offset of the oldest byte that is kept.</summary>
    internal long Start { get; private set; }

    /// <summary>The offset of the byte that comes next.</summary>
    internal long End { get; private set; }

    /// <summary>Takes the next bytes of an output.</summary>
    internal void Append(ReadOnlySpan<byte> bytes, bool isError)
    {
        if (bytes.IsEmpty)
        {
            return;
        }

        Grow((int)Math.Min(End - Start + bytes.Length, capacity));
        var offset = End;
        var kept = bytes.Length > _bytes.Length ? bytes[^_bytes.Length..] : bytes;
        offset += bytes.Length - kept.Length;
        while (!kept.IsEmpty)
        {
            var at = (int)(offset % _bytes.Length);
            var part = kept[..Math.Min(kept.Length, _bytes.Length - at)];
            part.CopyTo(_bytes.AsSpan(at));
            offset += part.Length;
            kept = kept[part.Length..];
        }

        End = offset;
        if (_runs.Last is { } last && last.Value.IsError == isError)
        {
            last.Value = (End, isError);
        }
        else
        {
            _runs.AddLast((End, isError));
        }

        Drop();
    }

    /// <summary>Bytes from an offset on, of one output; empty when there are none yet.</summary>
    /// <param name="offset">Where to begin; what is lost of it is passed over.</param>
    /// <param name="most">Most bytes.</param>
    /// <param name="from">Where the bytes begin.</param>
    /// <param name="isError">Whether they are of standard error.</param>
    internal byte[] Read(long offset, int most, out long from, out bool isError)
    {
        from = Math.Clamp(offset, Start, End);
        isError = false;
        foreach (var (end, error) in _runs)
        {
            if (end > from)
            {
                isError = error;
                return Copy(from, (int)Math.Min(end - from, most));
            }
        }

        return [];
    }

    private byte[] Copy(long from, int count)
    {
        var copy = new byte[count];
        for (var done = 0; done < count;)
        {
            var at = (int)((from + done) % _bytes.Length);
            var part = Math.Min(count - done, _bytes.Length - at);
            _bytes.AsSpan(at, part).CopyTo(copy.AsSpan(done));
            done += part;
        }

        return copy;
    }

    private void Drop()
    {
        Start = Math.Max(Start, End - _bytes.Length);
        while (_runs.Count > MaxRuns)
        {
            Start = Math.Max(Start, _runs.First!.Value.End);
            _runs.RemoveFirst();
        }

        while (_runs.First is { } first && first.Value.End <= Start && _runs.Count > 1)
        {
            _runs.RemoveFirst();
        }
    }

    private void Grow(int needed)
    {
        if (needed <= _bytes.Length)
        {
            return;
        }

        var kept = Copy(Start, (int)(End - Start));
        var size = _bytes.Length;
        while (size < needed)
        {
            size = (int)Math.Min((long)size * 4, capacity);
        }

        _bytes = new byte[size];
        for (var i = 0; i < kept.Length; i++)
        {
            _bytes[(int)((Start + i) % size)] = kept[i];
        }
    }
}
