namespace Strata.Hosting;

/// <summary>
/// Bounds how fast any one user fills a log: a stranger who is refused in a loop must push nothing else out of what is
/// kept. What is left out is counted. Safe from any thread.
/// </summary>
/// <param name="burst">Entries of one user recorded at once.</param>
/// <param name="perSecond">Entries of one user recorded in a second after that.</param>
/// <param name="time">The clock.</param>
internal sealed class UserThrottle(int burst, double perSecond, TimeProvider time)
{
    /// <summary>Users counted apart; any further ones share one count.</summary>
    internal const int MaxUsers = 1024;

    // No user id: the kernel gives it to nobody.
    private const uint Others = uint.MaxValue;

    private readonly Dictionary<uint, Bucket> _byUid = [];

    /// <summary>Whether an entry of this user is recorded.</summary>
    /// <param name="uid">The user.</param>
    /// <param name="suppressed">When recorded, how many were left out just before it; otherwise how many are left out so far.</param>
    internal bool TryRecord(uint uid, out long suppressed)
    {
        lock (_byUid)
        {
            var now = time.GetTimestamp();
            var bucket = BucketOf(uid, now);
            bucket.Level = Math.Min(burst, bucket.Level + (time.GetElapsedTime(bucket.At, now).TotalSeconds * perSecond));
            bucket.At = now;
            if (bucket.Level < 1)
            {
                suppressed = ++bucket.Suppressed;
                return false;
            }

            bucket.Level--;
            suppressed = bucket.Suppressed;
            bucket.Suppressed = 0;
            return true;
        }
    }

    private Bucket BucketOf(uint uid, long now)
    {
        var key = _byUid.ContainsKey(uid) || _byUid.Count < MaxUsers ? uid : Others;
        if (!_byUid.TryGetValue(key, out var bucket))
        {
            _byUid.Add(key, bucket = new Bucket { Level = burst, At = now });
        }

        return bucket;
    }

    private sealed class Bucket
    {
        internal double Level { get; set; }

        internal long At { get; set; }

        internal long Suppressed { get; set; }
    }
}
