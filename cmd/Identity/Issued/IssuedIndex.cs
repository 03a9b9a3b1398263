namespace Strata.Identity;

/// <summary>The issued capabilities in memory, in the order of issue, found by id in constant time. Not for several threads at once.</summary>
/// <remarks>Entries stand in chunks that are never copied, so that growing costs no second array of the whole size.</remarks>
internal sealed class IssuedIndex
{
    internal const int None = -1;
    private const int ChunkBits = 13;
    private const int ChunkSize = 1 << ChunkBits;
    private const int FirstSlots = 1 << 12;

    private readonly List<IssuedEntry[]> _chunks = [];
    private int[] _slots = new int[FirstSlots];

    internal int Count { get; private set; }

    internal ref IssuedEntry this[int index] => ref _chunks[index >> ChunkBits][index & (ChunkSize - 1)];

    internal int Find(PackedId id)
    {
        var mask = _slots.Length - 1;
        for (var slot = id.Slot(mask); _slots[slot] != 0; slot = (slot + 1) & mask)
        {
            if (this[_slots[slot] - 1].Id == id)
            {
                return _slots[slot] - 1;
            }
        }

        return None;
    }

    /// <summary>Adds an entry whose id is not there.</summary>
    internal int Add(in IssuedEntry entry)
    {
        if (Count >= _chunks.Count * ChunkSize)
        {
            _chunks.Add(new IssuedEntry[ChunkSize]);
        }

        this[Count] = entry;
        Count++;
        if (Count * 2 > _slots.Length)
        {
            Rehash(_slots.Length * 2);
        }
        else
        {
            Place(Count - 1);
        }

        return Count - 1;
    }

    /// <summary>The first entry with at least this serial number: serials only grow.</summary>
    internal int FirstFrom(uint serial)
    {
        var (low, high) = (0, Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = this[middle].Serial < serial ? (middle + 1, high) : (low, middle);
        }

        return low;
    }

    /// <summary>Drops what has expired and keeps the order.</summary>
    /// <returns>How many were dropped.</returns>
    internal int Prune(uint now)
    {
        var kept = 0;
        for (var i = 0; i < Count; i++)
        {
            if (this[i].ExpiresAt >= now)
            {
                this[kept++] = this[i];
            }
        }

        var dropped = Count - kept;
        if (dropped > 0)
        {
            Count = kept;
            _chunks.RemoveRange((kept + ChunkSize - 1) / ChunkSize, _chunks.Count - ((kept + ChunkSize - 1) / ChunkSize));
            Rehash(_slots.Length);
        }

        return dropped;
    }

    private void Rehash(int slots)
    {
        _slots = new int[slots];
        for (var i = 0; i < Count; i++)
        {
            Place(i);
        }
    }

    private void Place(int index)
    {
        var mask = _slots.Length - 1;
        var slot = this[index].Id.Slot(mask);
        while (_slots[slot] != 0)
        {
            slot = (slot + 1) & mask;
        }

        _slots[slot] = index + 1;
    }
}
