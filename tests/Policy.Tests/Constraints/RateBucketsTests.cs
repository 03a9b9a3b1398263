namespace Strata.Policy.Tests;

/// <summary>The table of buckets against one that is plain and slow.</summary>
public class RateBucketsTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(7)]
    public void Buckets_are_kept_found_and_given_up_as_the_order_of_their_use_says(int max)
    {
        var random = new Random(max);
        var (buckets, plain) = (new RateBuckets(max), new Plain(max));
        for (var now = 1; now < 4_000; now++)
        {
            var id = "cap" + random.Next(max * 2);
            var would = buckets.TryFind(id, now, out var known);
            Assert.Equal(plain.FullAt.ContainsKey(id), known != RateBuckets.None);
            var found = buckets.TryTouch(id, now, out var index);
            Assert.Equal(would, found);
            Assert.True(known == RateBuckets.None || known == index);
            Assert.Equal(plain.TryTouch(id, now), found);
            if (found)
            {
                Assert.True(buckets.FullAt(index) == plain.FullAt[id] || (buckets.FullAt(index) <= now && plain.FullAt[id] <= now));
                var fullAt = now + random.Next(max * 2);
                (buckets.FullAt(index), plain.FullAt[id]) = (fullAt, fullAt);
            }

            Assert.Equal(plain.Order.Count, buckets.Count);
            Assert.Equal(plain.FullAt[plain.Order[0]], buckets.OldestFullAt);
        }
    }

    private sealed class Plain(int max)
    {
        internal List<string> Order { get; } = [];

        internal Dictionary<string, long> FullAt { get; } = [];

        internal bool TryTouch(string id, long now)
        {
            if (!FullAt.ContainsKey(id) && Order.Count == max)
            {
                if (FullAt[Order[0]] > now)
                {
                    return false;
                }

                FullAt.Remove(Order[0]);
                Order.RemoveAt(0);
            }

            FullAt.TryAdd(id, now);
            Order.Remove(id);
            Order.Add(id);
            return true;
        }
    }
}
