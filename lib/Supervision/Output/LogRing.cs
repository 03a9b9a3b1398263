namespace Strata.Supervision;

/// <summary>
/// The newest lines of one service, bounded in number and in text. Lines are counted as they are added, so that a reader
/// who remembers how far it came can be told how many it missed. Not for several threads.
/// </summary>
/// <param name="maxLines">Lines kept, at least 1.</param>
public sealed class LogRing(int maxLines)
{
    private readonly Queue<LogLine> _lines = new();
    private int _chars;

    /// <summary>Lines that were ever added.</summary>
    public long Added { get; private set; }

    /// <summary>How many had been added before the oldest line kept.</summary>
    public long Dropped => Added - _lines.Count;

    /// <summary>UTF-16 units of text kept at most, from the next line on; the newest line is kept in any case. Default 256 Ki.</summary>
    public int MaxChars { get; set; } = 256 * 1024;

    /// <summary>UTF-16 units of text kept.</summary>
    public int Chars => _chars;

    /// <summary>Adds a line; drops the oldest while there are too many.</summary>
    public void Add(LogLine line)
    {
        _lines.Enqueue(line);
        _chars += line.Text.Length;
        Added++;
        while (_lines.Count > maxLines || (_chars > MaxChars && _lines.Count > 1))
        {
            _chars -= _lines.Dequeue().Text.Length;
        }
    }

    /// <summary>The lines kept, oldest first, without those a reader has had.</summary>
    /// <param name="had">How many of <see cref="Added"/> it has had.</param>
    public IEnumerable<LogLine> After(long had) => had >= Added ? [] : _lines.Skip((int)Math.Max(0, had - Dropped));
}
