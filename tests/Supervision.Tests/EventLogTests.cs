namespace Strata.Supervision.Tests;

public sealed class EventLogTests
{
    [Fact]
    public void A_full_log_drops_the_oldest_and_tells_a_slow_reader()
    {
        var log = Filled(EventLog.Capacity);
        Assert.Equal(1, log.FirstSequence);
        Assert.False(log.Read(1).HasGap);

        log = log.Append(Record(log.LastSequence + 1));

        Assert.Equal(2, log.FirstSequence);
        var page = log.Read(1);
        Assert.True(page.HasGap);
        Assert.Equal(1, page.Missed);
        Assert.Equal(EventLog.Capacity, page.Records.Length);
        Assert.Equal(EventLog.Capacity + 2, page.NextSequence);
    }

    [Fact]
    public void Reading_page_by_page_misses_nothing()
    {
        var log = Filled(10);
        var seen = new List<long>();
        var next = 1L;
        while (next <= log.LastSequence)
        {
            var page = log.Read(next, 3);
            seen.AddRange(page.Records.Select(r => r.Sequence));
            next = page.NextSequence;
        }

        Assert.Equal(Enumerable.Range(1, 10).Select(i => (long)i), seen);
    }

    [Fact]
    public void Reading_past_the_end_gives_an_empty_page_to_continue_from()
    {
        Assert.Equal(11, Filled(10).Read(11).NextSequence);
        Assert.Empty(Filled(10).Read(11).Records);
        Assert.Equal(20, Filled(10).Read(20).NextSequence);
        Assert.Equal(1, EventLog.Empty.Read(0).NextSequence);
        Assert.False(EventLog.Empty.Read(0).HasGap);
    }

    [Fact]
    public void A_record_out_of_sequence_is_refused() =>
        Assert.StartsWith("a record's sequence must follow the log's last", Assert.Throws<ArgumentException>(() => EventLog.Empty.Append(Record(2))).Message, StringComparison.Ordinal);

    [Fact]
    public void A_page_holds_one_record_at_least()
    {
        Assert.Single(Filled(10).Read(1, 1).Records);
        Assert.Throws<ArgumentOutOfRangeException>(() => Filled(10).Read(1, 0));
    }

    [Fact]
    public void A_crash_is_logged_with_its_cause_and_the_next_step_with_its_time()
    {
        var node = Node.Running(Node.Service("a"));

        node.Exits("a", 7);

        var records = node.Effects.OfType<Effect.Emit>().Select(e => e.Record).ToArray();
        Assert.Equal([ServiceState.Crashed, ServiceState.Restarting], records.Select(r => r.To!.Value));
        Assert.Equal(new CrashCause(CrashKind.ExitCode, 7), records[0].Crash);
        Assert.Equal("exited with code 7", records[0].Cause);
        Assert.Equal("the next attempt", records[1].Next);
        Assert.InRange(records[1].NextAt!.Value - node.Now.Wall, TimeSpan.FromMilliseconds(85), TimeSpan.FromMilliseconds(100));
        Assert.Equal(node.State.Log.LastSequence, records[1].Sequence);
    }

    private static EventLog Filled(int count) =>
        Enumerable.Range(1, count).Aggregate(EventLog.Empty, (log, i) => log.Append(Record(i)));

    private static EventRecord Record(long sequence) =>
        new() { Sequence = sequence, At = default, Kind = EventKind.StateChanged, Cause = "test" };
}
