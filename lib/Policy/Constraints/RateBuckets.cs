using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Strata.Policy;

/// <summary>
/// Buckets by capability, linked in the order of use. The caller holds the lock. Every operation is O(1); memory grows with use
/// up to the bound and stays.
/// </summary>
internal sealed class RateBuckets(int maxBuckets)
{
    /// <summary>No bucket.</summary>
    internal const int None = -1;

    private readonly Dictionary<string, int> indexById = new(StringComparer.Ordinal);
    private readonly List<Bucket> buckets = [];
    private int newest = None;
    private int oldest = None;

    internal int Count => buckets.Count;

    /// <summary>When the least recently used bucket is full again; asked when there is one.</summary>
    internal long OldestFullAt => At(oldest).FullAt;

    /// <summary>When a bucket is full again, to be read and written.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal ref long FullAt(int index) => ref At(index).FullAt;

    /// <summary>Finds or makes the bucket and puts it at the recent end; false when there is no room.</summary>
    internal bool TryTouch(string capabilityId, long timestamp, out int index)
    {
        if (indexById.TryGetValue(capabilityId, out index))
        {
            Unlink(index);
        }
        else if (buckets.Count < maxBuckets)
        {
            index = buckets.Count;
            buckets.Add(new Bucket { CapabilityId = capabilityId, FullAt = timestamp });
            indexById.Add(capabilityId, index);
        }
        else if (!TryReuseOldest(capabilityId, timestamp, out index))
        {
            return false;
        }

        LinkAsNewest(index);
        return true;
    }

    /// <summary>Finds the bucket without touching it, or <see cref="None"/> where one would be made; false when there would be no room.</summary>
    internal bool TryFind(string capabilityId, long timestamp, out int index)
    {
        if (indexById.TryGetValue(capabilityId, out index))
        {
            return true;
        }

        index = None;
        return buckets.Count < maxBuckets || At(oldest).FullAt <= timestamp;
    }

    private bool TryReuseOldest(string capabilityId, long timestamp, out int index)
    {
        index = oldest;
        ref var bucket = ref At(index);
        if (bucket.FullAt > timestamp)
        {
            return false;
        }

        Unlink(index);
        indexById.Remove(bucket.CapabilityId);
        indexById.Add(capabilityId, index);
        bucket.CapabilityId = capabilityId;
        // When it was full again has passed, which is as good as now.
        return true;
    }

    private void LinkAsNewest(int index)
    {
        ref var bucket = ref At(index);
        bucket.Older = newest;
        bucket.Newer = None;
        if (newest != None)
        {
            At(newest).Newer = index;
        }

        newest = index;
        oldest = oldest == None ? index : oldest;
    }

    private void Unlink(int index)
    {
        var (older, newer) = (At(index).Older, At(index).Newer);
        if (older == None)
        {
            oldest = newer;
        }
        else
        {
            At(older).Newer = newer;
        }

        if (newer == None)
        {
            newest = older;
        }
        else
        {
            At(newer).Older = older;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private ref Bucket At(int index) => ref CollectionsMarshal.AsSpan(buckets)[index];

    private struct Bucket
    {
        internal string CapabilityId;
        internal long FullAt;
        internal int Older;
        internal int Newer;
    }
}
