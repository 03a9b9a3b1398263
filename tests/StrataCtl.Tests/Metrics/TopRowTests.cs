using Strata.Contracts;
using Strata.Ipc;
using Strata.StrataCtl.Metrics;

namespace Strata.StrataCtl.Tests.Metrics;

public sealed class TopRowTests
{
    private static readonly ServiceStatus Fs = new("fs", "Healthy", 7, 2, 5000);

    [Fact]
    public void Rates_and_shares_are_over_the_time_between_two_looks()
    {
        var before = Look(10, cpuSeconds: 1, Metrics(5_000, ok: 100, errors: 10, fast: 100, slow: 10));
        var now = Look(12, cpuSeconds: 2, Metrics(7_000, ok: 140, errors: 12, fast: 140, slow: 12));
        var row = TopRow.Of(Fs, before, now);
        Assert.Equal(50, row.CpuPercent!.Value, 3);
        Assert.Equal((21, 1), (row.RequestsPerSecond, row.ErrorsPerSecond));
        Assert.InRange(row.P99Us!.Value, 10, 1000);
        Assert.Equal((4096, 3, 2), (row.ResidentBytes, row.Connections, row.Restarts));
    }

    [Fact]
    public void A_service_that_was_restarted_is_counted_from_its_start()
    {
        var row = TopRow.Of(Fs, Look(10, 9, Metrics(5_000, 100, 10, 100, 10)), Look(12, 0, Metrics(500, 6, 0, 6, 0)));
        Assert.Equal((3, 0, 0), (row.RequestsPerSecond, row.ErrorsPerSecond, row.CpuPercent));
    }

    [Fact]
    public void What_a_service_does_not_tell_stays_unknown()
    {
        var look = new TopSample(TimeSpan.FromSeconds(1), [Fs], [], new Dictionary<int, ProcessUsage>());
        Assert.Equal(new TopRow("fs", "Healthy", 5000, 2, null, null, null, null, null, null), TopRow.Of(Fs, look, look));
    }

    [Fact]
    public void Questions_of_the_onlooker_are_not_counted()
    {
        var asked = new MethodMetrics("fs.metrics", 50, [], 0, [0, 50, 0]);
        var before = Look(10, 1, Metrics(5_000, 1, 0, 1, 0));
        var now = Look(11, 1, Metrics(6_000, 1, 0, 1, 0) with { Methods = [.. Metrics(6_000, 1, 0, 1, 0).Methods, asked] });
        var row = TopRow.Of(Fs, before, now);
        Assert.Equal(0, row.RequestsPerSecond);
        Assert.Null(row.P99Us);
    }

    [Theory]
    [InlineData("7 (fs) S 1 7 7 0 -1 4194560 100 0 0 0 150 50 0 0 20 0 9 0 100 1000 3 18446744073709551615", 2, 3)]
    [InlineData("7 (a) b) c) R 1 7 7 0 -1 4194560 100 0 0 0 1 0 0 0 20 0 9 0 100 1000 1 1", 0.01, 1)]
    public void Process_usage_is_read_from_the_right_fields_whatever_the_name_holds(string stat, double seconds, long pages)
    {
        var usage = ProcessUsage.Parse(stat)!.Value;
        Assert.Equal(seconds, usage.CpuTime.TotalSeconds, 3);
        Assert.Equal(pages * Environment.SystemPageSize, usage.ResidentBytes);
    }

    [Theory]
    [InlineData("")]
    [InlineData("7 (fs) S 1 2")]
    [InlineData("7 (fs) S 1 7 7 0 -1 4194560 100 0 0 0 x 50 0 0 20 0 9 0 100 1000 3 1")]
    public void Text_that_is_no_process_status_is_no_usage(string stat) => Assert.Null(ProcessUsage.Parse(stat));

    [Theory]
    [InlineData(null, "-")]
    [InlineData(12.4, "12us")]
    [InlineData(1500d, "1.5ms")]
    [InlineData(2_000_000d, "2s")]
    public void Latencies_read_like_those_of_people(double? us, string text) => Assert.Equal(text, TopTable.Latency(us));

    private static TopSample Look(double at, double cpuSeconds, MetricsResult metrics) => new(
        TimeSpan.FromSeconds(at), [Fs], [metrics], new Dictionary<int, ProcessUsage> { [7] = new(TimeSpan.FromSeconds(cpuSeconds), 4096) });

    private static MetricsResult Metrics(long uptimeMs, long ok, long errors, long fast, long slow) => new(
        "fs", uptimeMs, [10, 1000], [new MethodMetrics("fs.read", ok, [new ErrorMetrics("NOT_FOUND", "", errors)], 1, [fast, slow, 0])],
        [new MetricValue("connections", false, 3)]);
}
