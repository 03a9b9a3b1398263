namespace Strata.Hosting;

/// <summary>
/// Bounds the memory that unsent answers of a loop's connections take together: while too much waits for its readers, new requests wait for
/// room. Otherwise as many clients that ask for large answers at once would need as many large buffers.
/// </summary>
/// <remarks>
/// Nobody can lock others out by not reading: when no room comes for <see cref="Patience"/>, what is held up is counted as
/// lost to slow readers (whom their write timeout ends) and as much room again is granted on top. Belongs to its loop.
/// </remarks>
internal sealed class UnsentBudget(TimeProvider time)
{
    /// <summary>Bytes of buffers with unsent answers from which on a loop's new requests wait; one buffer at most goes beyond.</summary>
    internal const int MaxUnsentBytes = 8 * 1024 * 1024;

    /// <summary>Longest time that requests wait for room.</summary>
    internal static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(50);

    private readonly Queue<Connection> _waiting = new();
    private long _limit = MaxUnsentBytes;

    /// <summary>When somebody's patience ends; <see cref="long.MaxValue"/> while nobody waits.</summary>
    internal long DueAt { get; private set; } = long.MaxValue;

    /// <summary>Bytes of buffers with unsent answers now.</summary>
    internal long Unsent { get; private set; }

    /// <summary>Whether another request may be answered.</summary>
    internal bool HasRoom => Unsent < _limit;

    /// <summary>Notes how large a buffer a connection's unsent answers take.</summary>
    internal void Count(Connection connection, int unsentBytes)
    {
        Unsent += unsentBytes - connection.CountedBytes;
        connection.CountedBytes = unsentBytes;
        if (Unsent < MaxUnsentBytes)
        {
            _limit = MaxUnsentBytes;
        }
    }

    /// <summary>Puts a connection at the end of those that wait.</summary>
    internal void Defer(Connection connection)
    {
        connection.Deferred = true;
        _waiting.Enqueue(connection);
        if (DueAt == long.MaxValue)
        {
            DueAt = End();
        }
    }

    /// <summary>Takes the next connection whose turn has come; it waits no more.</summary>
    internal bool TryTake(long now, out Connection connection)
    {
        if (!HasRoom && now >= DueAt)
        {
            _limit = Unsent + MaxUnsentBytes;
        }

        while (HasRoom && _waiting.TryDequeue(out var next))
        {
            DueAt = _waiting.Count > 0 ? End() : long.MaxValue;
            if (next.Deferred && !next.Closed)
            {
                next.Deferred = false;
                connection = next;
                return true;
            }
        }

        connection = null!;
        return false;
    }

    private long End() => time.GetTimestamp() + (long)(Patience.TotalSeconds * time.TimestampFrequency);
}
