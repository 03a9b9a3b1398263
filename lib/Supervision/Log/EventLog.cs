using System.Collections.Immutable;

namespace Strata.Supervision;

/// <summary>A bounded, immutable history. Appending to a full log drops the oldest record; a reader who was too slow is told.</summary>
public sealed class EventLog
{
    /// <summary>Records kept.</summary>
    public const int Capacity = 1024;

    private readonly ImmutableQueue<EventRecord> _records;
    private readonly int _count;

    private EventLog(ImmutableQueue<EventRecord> records, int count, long last)
    {
        _records = records;
        _count = count;
        LastSequence = last;
    }

    /// <summary>A log without records.</summary>
    public static EventLog Empty { get; } = new([], 0, 0);

    /// <summary>The number of the newest record; 0 when there has been none.</summary>
    public long LastSequence { get; }

    /// <summary>The number of the oldest record kept; one past <see cref="LastSequence"/> when there is none.</summary>
    public long FirstSequence => LastSequence - _count + 1;

    /// <summary>This log with one record more.</summary>
    /// <exception cref="ArgumentException">The record's number does not follow <see cref="LastSequence"/>.</exception>
    public EventLog Append(EventRecord record)
    {
        if (record.Sequence != LastSequence + 1)
        {
            throw new ArgumentException("a record's sequence must follow the log's last", nameof(record));
        }

        var records = _records.Enqueue(record);
        return _count == Capacity
            ? new EventLog(records.Dequeue(), Capacity, record.Sequence)
            : new EventLog(records, _count + 1, record.Sequence);
    }

    /// <summary>Records from <paramref name="fromSequence"/> on, oldest first.</summary>
    /// <param name="fromSequence">The first number wanted; 1 or less asks for everything there ever was.</param>
    /// <param name="max">At most this many; at least 1.</param>
    public EventLogPage Read(long fromSequence, int max = Capacity)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(max, 1);
        var wanted = Math.Max(fromSequence, 1);
        var records = _records.SkipWhile(r => r.Sequence < wanted).Take(max).ToImmutableArray();
        var next = records.IsEmpty ? wanted : records[^1].Sequence + 1;
        return new EventLogPage(records, next, Math.Max(0, FirstSequence - wanted));
    }
}
