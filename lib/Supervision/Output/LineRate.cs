namespace Strata.Supervision;

/// <summary>
/// Bounds what one service may have kept a second. Lines spend from a bucket that fills at the rate and holds
/// <see cref="BurstSeconds"/> of it; a long line counts for as many as it has times <see cref="BytesPerLine"/>. Once the
/// bucket is empty everything is lost until it holds a second's worth again: the log shows runs of whole lines and one
/// count between them, not a line here and there. Not for several threads.
/// </summary>
public sealed class LineRate
{
    /// <summary>Seconds of the rate that may come at once.</summary>
    public const int BurstSeconds = 2;

    /// <summary>Bytes that count as one line.</summary>
    public const int BytesPerLine = 1024;

    private readonly int _linesPerSecond;
    private double _left;
    private TimeSpan _filledAt;

    /// <summary>A full bucket.</summary>
    /// <param name="linesPerSecond">The rate, at least 1.</param>
    /// <param name="now">The monotonic time.</param>
    public LineRate(int linesPerSecond, TimeSpan now)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(linesPerSecond, 1);
        (_linesPerSecond, _left, _filledAt) = (linesPerSecond, BurstSeconds * (double)linesPerSecond, now);
    }

    /// <summary>Lines lost that <see cref="TakeLost"/> has not told yet.</summary>
    public long Lost { get; private set; }

    /// <summary>When the lost lines can be told; null when none are.</summary>
    public TimeSpan? CalmAt { get; private set; }

    /// <summary>Whether a line is kept; otherwise it counts as lost.</summary>
    /// <param name="bytes">Its length.</param>
    /// <param name="now">The monotonic time.</param>
    public bool TryTake(int bytes, TimeSpan now)
    {
        Fill(now);
        var cost = 1 + (bytes / BytesPerLine);
        // A line that costs more than the bucket holds passes when it is full, or it never would.
        if (CalmAt is null && (_left >= cost || _left >= Capacity))
        {
            _left -= cost;
            return true;
        }

        // The bucket has stopped at this level: only time moves it, so the moment of calm is known.
        var wanted = Math.Clamp((double)cost, _linesPerSecond, Capacity);
        CalmAt ??= now + TimeSpan.FromSeconds((wanted - _left) / _linesPerSecond);
        Lost++;
        return false;
    }

    /// <summary>How many lines were lost, once it is calm again; 0 before, and when none were.</summary>
    /// <param name="now">The monotonic time.</param>
    public long TakeLost(TimeSpan now)
    {
        if (!(CalmAt <= now))
        {
            return 0;
        }

        return TakeLostNow();
    }

    /// <summary>How many lines were lost, whether it is calm or not: for the end of the log.</summary>
    public long TakeLostNow()
    {
        var lost = Lost;
        (Lost, CalmAt) = (0, null);
        return lost;
    }

    private double Capacity => BurstSeconds * (double)_linesPerSecond;

    private void Fill(TimeSpan now)
    {
        if (now > _filledAt)
        {
            _left = Math.Min(Capacity, _left + ((now - _filledAt).TotalSeconds * _linesPerSecond));
            _filledAt = now;
        }
    }
}
