namespace Strata.Hosting;

/// <summary>Counts open connections, in all and by user id. Safe from any thread.</summary>
/// <param name="max">Open connections in all.</param>
/// <param name="maxPerUid">Open connections of one user id.</param>
public sealed class ConnectionQuota(int max, int maxPerUid)
{
    private readonly Dictionary<uint, int> _byUid = [];
    private int _all;

    /// <summary>Takes a place; null when there is one, otherwise the reason for refusing.</summary>
    public string? TryTake(uint uid)
    {
        lock (_byUid)
        {
            var mine = _byUid.GetValueOrDefault(uid);
            if (mine >= maxPerUid)
            {
                return $"user {uid} has {mine} connections open, the most one user may have; close some";
            }

            if (_all >= max)
            {
                return $"the service has {_all} connections open, the most it takes; try again shortly";
            }

            _byUid[uid] = mine + 1;
            _all++;
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
