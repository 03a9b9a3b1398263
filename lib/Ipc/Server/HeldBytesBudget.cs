namespace Strata.Ipc;

/// <summary>
/// What the connections of one server may hold in memory together: frames begun and answers unsent. Without it the bounds
/// of one connection, times their number, would be more than any machine has. Safe from any thread.
/// </summary>
/// <param name="maxBytes">Bytes held in all, inclusive.</param>
/// <param name="maxBytesPerUid">Bytes held for one user id, inclusive, so that one user's hoard denies nobody else.</param>
public sealed class HeldBytesBudget(long maxBytes, long maxBytesPerUid)
{
    private readonly Dictionary<uint, long> _byUid = [];
    private long _all;

    /// <summary>Bytes taken now.</summary>
    public long Taken
    {
        get
        {
            lock (_byUid)
            {
                return _all;
            }
        }
    }

    /// <summary>Takes bytes for a user; false, and nothing is taken, when there is no room.</summary>
    public bool TryTake(uint uid, long bytes)
    {
        lock (_byUid)
        {
            var mine = _byUid.GetValueOrDefault(uid) + bytes;
            if (mine > maxBytesPerUid || _all + bytes > maxBytes)
            {
                return false;
            }

            _byUid[uid] = mine;
            _all += bytes;
            return true;
        }
    }

    /// <summary>Gives bytes back.</summary>
    public void Release(uint uid, long bytes)
    {
        lock (_byUid)
        {
            _all -= bytes;
            var mine = _byUid[uid] - bytes;
            if (mine > 0)
            {
                _byUid[uid] = mine;
            }
            else
            {
                _byUid.Remove(uid);
            }
        }
    }
}
