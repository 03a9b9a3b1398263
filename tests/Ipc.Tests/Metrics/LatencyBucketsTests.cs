namespace Strata.Ipc.Tests.Metrics;

public sealed class LatencyBucketsTests
{
    [Theory]
    [InlineData(0, 0)]
    [InlineData(10, 0)]
    [InlineData(11, 1)]
    [InlineData(10_000_000, 18)]
    [InlineData(10_000_001, 19)]
    [InlineData(long.MaxValue, 19)]
    public void A_bound_belongs_to_its_bucket_and_the_next_microsecond_to_the_next(long us, int bucket) =>
        Assert.Equal(bucket, LatencyBuckets.IndexOf(us));

    [Fact]
    public void A_quantile_lies_in_the_bucket_that_holds_its_rank()
    {
        long[] bounds = [10, 20, 50];
        Assert.Null(LatencyBuckets.QuantileUs(bounds, [0, 0, 0, 0], 0.5));
        Assert.Null(LatencyBuckets.QuantileUs(bounds, [1, 1], 0.5));
        Assert.Equal(5, LatencyBuckets.QuantileUs(bounds, [10, 0, 0, 0], 0.5));
        Assert.Equal(15, LatencyBuckets.QuantileUs(bounds, [0, 10, 0, 0], 0.5));
        Assert.Equal(50, LatencyBuckets.QuantileUs(bounds, [98, 0, 2, 0], 1)!.Value);
        Assert.Equal(50, LatencyBuckets.QuantileUs(bounds, [0, 0, 0, 3], 0.99));
    }

    [Fact]
    public void The_quantile_of_random_latencies_is_off_by_no_more_than_its_bucket()
    {
        var random = new Random(7);
        for (var round = 0; round < 200; round++)
        {
            var latencies = Enumerable.Range(0, random.Next(1, 500)).Select(_ => (long)Math.Pow(10, random.NextDouble() * 7)).Order().ToList();
            var buckets = new long[LatencyBuckets.Count];
            latencies.ForEach(us => buckets[LatencyBuckets.IndexOf(us)]++);
            var exact = latencies[(int)Math.Ceiling(0.99 * latencies.Count) - 1];
            var told = LatencyBuckets.QuantileUs(LatencyBuckets.BoundsUs, buckets, 0.99)!.Value;
            var at = LatencyBuckets.IndexOf(exact);
            Assert.InRange(told, at == 0 ? 0 : LatencyBuckets.BoundsUs[at - 1], LatencyBuckets.BoundsUs[at]);
        }
    }
}
