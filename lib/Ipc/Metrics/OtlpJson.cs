using System.Globalization;
using System.Text.Json;

namespace Strata.Ipc;

/// <summary>
/// Metrics as an OpenTelemetry <c>ExportMetricsServiceRequest</c> in the JSON encoding of OTLP 1.x
/// (https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding), ready to be posted to a collector's <c>/v1/metrics</c>. Sums are cumulative.
/// </summary>
public static class OtlpJson
{
    private const int Cumulative = 2;

    /// <summary>Writes the metrics of any number of services.</summary>
    /// <param name="json">Where to.</param>
    /// <param name="services">What was counted.</param>
    /// <param name="now">When, UTC.</param>
    public static void Write(Utf8JsonWriter json, IEnumerable<MetricsResult> services, DateTimeOffset now)
    {
        json.WriteStartObject();
        json.WriteStartArray("resourceMetrics");
        foreach (var service in services)
        {
            var times = (Since: Nanoseconds(now.AddMilliseconds(-service.UptimeMs)), Now: Nanoseconds(now));
            json.WriteStartObject();
            json.WriteStartObject("resource");
            Attributes(json, ("service.namespace", "strata"), ("service.name", service.Service));
            json.WriteEndObject();
            json.WriteStartArray("scopeMetrics");
            json.WriteStartObject();
            json.WriteStartObject("scope");
            json.WriteString("name", "strata");
            json.WriteEndObject();
            json.WriteStartArray("metrics");
            Requests(json, service, times);
            Durations(json, service, times);
            foreach (var value in service.Values)
            {
                Value(json, value, times);
            }

            json.WriteEndArray();
            json.WriteEndObject();
            json.WriteEndArray();
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void Requests(Utf8JsonWriter json, MetricsResult service, (string Since, string Now) times)
    {
        Begin(json, "strata.requests", "{request}", "sum");
        foreach (var method in service.Methods)
        {
            Point(json, times, method.Ok, ("rpc.method", method.Method), ("code", "OK"));
            foreach (var error in method.Errors)
            {
                Point(json, times, error.Count, ("rpc.method", method.Method), ("code", error.Code), ("reason", error.Reason));
            }
        }

        End(json, monotonic: true);
    }

    private static void Durations(Utf8JsonWriter json, MetricsResult service, (string Since, string Now) times)
    {
        Begin(json, "strata.request.duration", "us", "histogram");
        foreach (var method in service.Methods.Where(m => m.LatencyBuckets.Any(b => b > 0)))
        {
            json.WriteStartObject();
            Attributes(json, ("rpc.method", method.Method));
            Times(json, times);
            json.WriteString("count", Text(method.LatencyBuckets.Sum()));
            json.WriteNumber("sum", method.LatencySumUs);
            json.WriteStartArray("bucketCounts");
            foreach (var count in method.LatencyBuckets)
            {
                json.WriteStringValue(Text(count));
            }

            json.WriteEndArray();
            json.WriteStartArray("explicitBounds");
            foreach (var bound in service.BucketBoundsUs)
            {
                json.WriteNumberValue(bound);
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        End(json, monotonic: null);
    }

    private static void Value(Utf8JsonWriter json, MetricValue value, (string Since, string Now) times)
    {
        var unit = value.Name[(value.Name.LastIndexOf('_') + 1)..] switch { "bytes" => "By", "us" => "us", _ => "1" };
        Begin(json, "strata." + value.Name.Replace('_', '.'), unit, value.Counter ? "sum" : "gauge");
        Point(json, times, value.Value);
        End(json, value.Counter ? true : null, temporal: value.Counter);
    }

    private static void Begin(Utf8JsonWriter json, string name, string unit, string kind)
    {
        json.WriteStartObject();
        json.WriteString("name", name);
        json.WriteString("unit", unit);
        json.WriteStartObject(kind);
        json.WriteStartArray("dataPoints");
    }

    private static void End(Utf8JsonWriter json, bool? monotonic, bool temporal = true)
    {
        json.WriteEndArray();
        if (temporal)
        {
            json.WriteNumber("aggregationTemporality", Cumulative);
        }

        if (monotonic is { } only)
        {
            json.WriteBoolean("isMonotonic", only);
        }

        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void Point(Utf8JsonWriter json, (string Since, string Now) times, long value, params ReadOnlySpan<(string Key, string Value)> attributes)
    {
        json.WriteStartObject();
        Attributes(json, attributes);
        Times(json, times);
        json.WriteString("asInt", Text(value));
        json.WriteEndObject();
    }

    private static void Times(Utf8JsonWriter json, (string Since, string Now) times)
    {
        json.WriteString("startTimeUnixNano", times.Since);
        json.WriteString("timeUnixNano", times.Now);
    }

    private static void Attributes(Utf8JsonWriter json, params ReadOnlySpan<(string Key, string Value)> attributes)
    {
        json.WriteStartArray("attributes");
        foreach (var (key, value) in attributes)
        {
            json.WriteStartObject();
            json.WriteString("key", key);
            json.WriteStartObject("value");
            json.WriteString("stringValue", value);
            json.WriteEndObject();
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    // 64-bit integers are strings in this encoding.
    private static string Text(long value) => value.ToString(CultureInfo.InvariantCulture);

    private static string Nanoseconds(DateTimeOffset time) => Text((time - DateTimeOffset.UnixEpoch).Ticks * (1_000_000 / TimeSpan.TicksPerMillisecond));
}
