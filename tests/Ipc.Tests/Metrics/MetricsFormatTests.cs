using System.Text.Json;

namespace Strata.Ipc.Tests.Metrics;

public sealed class MetricsFormatTests
{
    private static readonly MetricsResult Fs = new(
        "fs", 61_500, [10, 1000],
        [
            new MethodMetrics("", 0, [new ErrorMetrics("INVALID_ARGUMENT", "", 4)], 0, [0, 0, 0]),
            new MethodMetrics("fs.read", 3, [new ErrorMetrics("PERMISSION_DENIED", "odd\"\\\n", 2)], 2_500_000, [1, 2, 2]),
        ],
        [new MetricValue("connections", false, 5), new MetricValue("process_cpu_us", true, 1_500_000)]);

    [Fact]
    public void Prometheus_text_is_cumulative_in_base_units_and_escaped()
    {
        const string expected = """
            # HELP strata_uptime_seconds Time since the service started.
            # TYPE strata_uptime_seconds gauge
            strata_uptime_seconds{service="fs"} 61.5
            # HELP strata_requests_total Requests answered, by code and reason; without a method, those that named none.
            # TYPE strata_requests_total counter
            strata_requests_total{service="fs",method="",code="OK",reason=""} 0
            strata_requests_total{service="fs",method="",code="INVALID_ARGUMENT",reason=""} 4
            strata_requests_total{service="fs",method="fs.read",code="OK",reason=""} 3
            strata_requests_total{service="fs",method="fs.read",code="PERMISSION_DENIED",reason="odd\"\\\n"} 2
            # HELP strata_request_duration_seconds Time from a request's arrival to its answer; streams are left out.
            # TYPE strata_request_duration_seconds histogram
            strata_request_duration_seconds_bucket{service="fs",method="fs.read",le="1E-05"} 1
            strata_request_duration_seconds_bucket{service="fs",method="fs.read",le="0.001"} 3
            strata_request_duration_seconds_bucket{service="fs",method="fs.read",le="+Inf"} 5
            strata_request_duration_seconds_sum{service="fs",method="fs.read"} 2.5
            strata_request_duration_seconds_count{service="fs",method="fs.read"} 5
            # TYPE strata_connections gauge
            strata_connections{service="fs"} 5
            # TYPE strata_process_cpu_seconds_total counter
            strata_process_cpu_seconds_total{service="fs"} 1.5

            """;
        Assert.Equal(expected, PrometheusText.Of([Fs]));
    }

    [Fact]
    public void A_name_appears_once_a_page_however_many_services_have_it()
    {
        var lines = PrometheusText.Of([Fs, Fs with { Service = "identity" }]).Split('\n');
        var types = lines.Where(l => l.StartsWith("# TYPE", StringComparison.Ordinal)).ToList();
        Assert.Equal(types.Distinct(), types);
        Assert.Equal(2, lines.Count(l => l.StartsWith("strata_connections{", StringComparison.Ordinal)));
    }

    [Fact]
    public void Otlp_json_has_the_shape_a_collector_takes()
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream))
        {
            OtlpJson.Write(json, [Fs], DateTimeOffset.UnixEpoch.AddSeconds(100));
        }

        using var document = JsonDocument.Parse(stream.ToArray());
        var resource = Assert.Single(document.RootElement.GetProperty("resourceMetrics").EnumerateArray().ToList());
        Assert.Equal("fs", resource.GetProperty("resource").GetProperty("attributes")[1].GetProperty("value").GetProperty("stringValue").GetString());
        var metrics = resource.GetProperty("scopeMetrics")[0].GetProperty("metrics").EnumerateArray().ToDictionary(m => m.GetProperty("name").GetString()!);
        Assert.Equal(["strata.requests", "strata.request.duration", "strata.connections", "strata.process.cpu.us"], metrics.Keys);

        var requests = metrics["strata.requests"].GetProperty("sum");
        Assert.True(requests.GetProperty("isMonotonic").GetBoolean());
        Assert.Equal(2, requests.GetProperty("aggregationTemporality").GetInt32());
        var point = requests.GetProperty("dataPoints")[2];
        Assert.Equal("3", point.GetProperty("asInt").GetString());
        Assert.Equal("38500000000", point.GetProperty("startTimeUnixNano").GetString());
        Assert.Equal("100000000000", point.GetProperty("timeUnixNano").GetString());

        var durations = metrics["strata.request.duration"].GetProperty("histogram").GetProperty("dataPoints")[0];
        Assert.Equal("5", durations.GetProperty("count").GetString());
        Assert.Equal(["1", "2", "2"], durations.GetProperty("bucketCounts").EnumerateArray().Select(b => b.GetString()));
        Assert.Equal([10, 1000], durations.GetProperty("explicitBounds").EnumerateArray().Select(b => b.GetInt32()));
        Assert.False(metrics["strata.connections"].GetProperty("gauge").TryGetProperty("isMonotonic", out _));
    }
}
