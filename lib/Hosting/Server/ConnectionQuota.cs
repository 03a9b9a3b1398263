namespace Strata.Hosting;

/// <summary>Counts open connections, in all and by user id. Safe from any thread.</summary>
/// <param name="max">Open connections in all.</param>
/// <param name="maxPerUid">Open connections of one user id.</param>
public sealed class ConnectionQuota(int max, int maxPerUid)
{
    private readonly Dictionary<uint, int> _byUid = [];
    private int _all;
    private long _admitted;
    private long _refused;

    /// <summary>Open connections.</summary>
    public int Count => Volatile.Read(ref _all);

    /// <summary>Connections that got a place, since the start.</summary>
    public long Admitted => Volatile.Read(ref _admitted);

    /// <summary>Connections that did not.</summary>
    public long Refused => Volatile.Read(ref _refused);

    /// <summary>Takes a place; null when there is one, otherwise the reason for refusing.</summary>
    public string? TryTake(uint uid)
    {
        lock (_byUid)
        {
            var mine = _byUid.GetValueOrDefault(uid);
            if (mine >= maxPerUid)
            {
                _refused++;
                return $"user {uid} has {mine} connections open, the most one user may have; close some";
            }

            if (_all >= max)
            {
                _refused++;
                return $"the service has {_all} connections open, the most it takes; try again shortly";
            }

            _byUid[uid] = mine + 1;
            _all++;
            _admitted++;
            return null;
        }
    }

    /// <summary>Gives a place back.</summary>
    public void Release(uint uid)
    {
        lock (_byUid)
        {
            _all--;
            if (--System.Runtime.InteropServices.CollectionsMarshal.GetValueRefOrNullRef(_byUid, uid) == 0)
            {
                _byUid.Remove(uid);
            }
        }
    }
}
