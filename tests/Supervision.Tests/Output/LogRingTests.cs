namespace Strata.Supervision.Tests;

public sealed class LogRingTests
{
    private static LogLine Line(long sequence, int chars = 1) => new()
    {
        Sequence = sequence, Time = DateTimeOffset.UnixEpoch, Service = "a", Source = LogSource.Stdout, Text = new string('x', chars),
    };

    [Fact]
    public void At_the_limit_nothing_is_dropped_and_one_past_it_the_oldest_is()
    {
        var ring = new LogRing(3);
        foreach (var sequence in new[] { 10, 20, 30 })
        {
            ring.Add(Line(sequence));
        }

        Assert.Equal(0, ring.Dropped);
        ring.Add(Line(40));
        Assert.Equal((1, 4), (ring.Dropped, ring.Added));
        Assert.Equal([20, 30, 40], ring.After(0).Select(l => l.Sequence));
        Assert.Equal([40], ring.After(3).Select(l => l.Sequence));
        Assert.Empty(ring.After(4));
        Assert.Empty(ring.After(5));
    }

    [Fact]
    public void Text_is_bounded_as_well_but_the_newest_line_stays()
    {
        var ring = new LogRing(100) { MaxChars = 10 };
        ring.Add(Line(1, 5));
        ring.Add(Line(2, 5));
        Assert.Equal(10, ring.Chars);
        ring.Add(Line(3, 1));
        Assert.Equal([2, 3], ring.After(0).Select(l => l.Sequence));
        ring.Add(Line(4, 50));
        Assert.Equal([4], ring.After(0).Select(l => l.Sequence));
    }

    [Fact]
    public void By_default_256_Ki_of_text_are_kept()
    {
        var ring = new LogRing(10_000);
        for (var line = 0; line < 256; line++)
        {
            ring.Add(Line(line, 1024));
        }

        Assert.Equal((0, 256 * 1024), (ring.Dropped, ring.Chars));
        ring.Add(Line(256));
        Assert.Equal(1, ring.Dropped);
    }

    [Theory]
    [InlineData(0, 100_000, false)]
    [InlineData(1, 65_535, false)]
    [InlineData(1, 65_536, true)]
    public void A_new_file_is_begun_only_when_the_present_one_would_grow_too_large(long length, int more, bool due) =>
        Assert.Equal(due, LogRotation.IsDue(length, more, new LogPolicy { MaxBytes = 65_536 }));

    [Fact]
    public void Files_move_up_by_one_oldest_first()
    {
        Assert.Equal([("log.jsonl.1", "log.jsonl.2"), ("log.jsonl", "log.jsonl.1")], LogRotation.Renames(new LogPolicy { Files = 3 }));
        Assert.Empty(LogRotation.Renames(new LogPolicy { Files = 1 }));
    }
}
