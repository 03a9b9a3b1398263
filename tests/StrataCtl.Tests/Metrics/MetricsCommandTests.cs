using Strata.StrataCtl.Tests.Fakes;

namespace Strata.StrataCtl.Tests.Metrics;

public sealed class MetricsCommandTests
{
    private const string Services = """{"services":[{"name":"fs","state":"Healthy","pid":1},{"name":"plain","state":"Healthy","pid":1},{"name":"off","state":"Stopped","pid":0}]}""";

    private static FakeNode Node() => new FakeNode("supervisor", "registry", "fs", "plain")
        .On("supervisor.svc.list", Services)
        .On("supervisor.status", """{"node_id":"local-0","uptime_sec":185,"state":"running"}""")
        .On("supervisor.ping", """{"service":"supervisor","pid":1}""")
        .On("supervisor.metrics", Metrics("supervisor"))
        .On("fs.metrics", Metrics("fs"));

    [Fact]
    public async Task Metrics_are_those_of_all_that_run_and_a_service_without_any_is_named()
    {
        await using var node = Node();
        var run = await CtlRun.Of(node, "metrics");
        Assert.Equal(0, run.Code);
        Assert.Contains("strata_requests_total{service=\"fs\",method=\"fs.read\",code=\"OK\",reason=\"\"} 3\n", run.Output, StringComparison.Ordinal);
        Assert.Contains("strata_uptime_seconds{service=\"supervisor\"} 2\n", run.Output, StringComparison.Ordinal);
        Assert.Equal("note: left out: plain.metrics: unknown method: plain.metrics\n", run.Error);
        Assert.DoesNotContain("off", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_service_that_was_asked_for_by_name_must_answer()
    {
        await using var node = Node();
        var run = await CtlRun.Of(node, "metrics", "plain");
        Assert.Equal(1, run.Code);
        Assert.Contains("unknown method: plain.metrics", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Metrics_come_as_json_and_for_a_collector()
    {
        await using var node = Node();
        Assert.Equal("fs", (await CtlRun.Of(node, "metrics", "fs", "--json")).Json.GetProperty("services")[0].GetProperty("service").GetString());
        var otlp = (await CtlRun.Of(node, "metrics", "fs", "--format", "otlp")).Json;
        Assert.Equal("strata.requests", otlp.GetProperty("resourceMetrics")[0].GetProperty("scopeMetrics")[0].GetProperty("metrics")[0].GetProperty("name").GetString());
        Assert.Equal(2, (await CtlRun.Of(node, "metrics", "--format", "xml")).Code);
    }

    [Fact]
    public async Task Top_off_a_terminal_shows_one_interval_and_ends()
    {
        await using var node = Node();
        var run = await CtlRun.Of(node, "top", "--interval", "100ms");
        Assert.Equal((0, ""), (run.Code, run.Error));
        var lines = run.Output.Split('\n');
        Assert.StartsWith("SERVICE ", lines[0], StringComparison.Ordinal);
        Assert.Equal(["supervisor", "fs", "plain", "off"], lines[1..5].Select(l => l.Split(' ')[0]));
        Assert.DoesNotContain('\e', run.Output);
    }

    [Fact]
    public async Task Top_as_json_leaves_null_what_is_not_known()
    {
        await using var node = Node();
        var services = (await CtlRun.Of(node, "top", "--once", "--json", "--interval", "100ms")).Json.GetProperty("services");
        Assert.Equal(0, services[1].GetProperty("requests_per_second").GetDouble());
        Assert.Equal(System.Text.Json.JsonValueKind.Null, services[2].GetProperty("requests_per_second").ValueKind);
    }

    [Theory]
    [InlineData("99ms")]
    [InlineData("61s")]
    public async Task Top_takes_an_interval_within_its_bounds_only(string interval)
    {
        await using var node = Node();
        var run = await CtlRun.Of(node, "top", "--interval", interval);
        Assert.Equal((2, "error: --interval takes 100ms to 1m\n"), (run.Code, run.Error));
    }

    private static string Metrics(string service) =>
        $$"""{"service":"{{service}}","uptime_ms":2000,"bucket_bounds_us":[10],"methods":[{"method":"{{service}}.read","ok":3,"errors":[],"latency_sum_us":9,"latency_buckets":[3,0]}],"values":[],"later":1}""";
}
