using System.Globalization;
using System.Text;

namespace Strata.Ipc;

/// <summary>
/// Metrics in the Prometheus text exposition format, version 0.0.4
/// (https://prometheus.io/docs/instrumenting/exposition_formats/). Names start with <c>strata_</c>, units are seconds and bytes.
/// </summary>
public static class PrometheusText
{
    private const double MicrosecondsPerSecond = 1_000_000;

    /// <summary>Renders the metrics of any number of services as one page.</summary>
    public static string Of(IReadOnlyCollection<MetricsResult> services)
    {
        var page = new StringBuilder();
        Head(page, "strata_uptime_seconds", "gauge", "Time since the service started.");
        foreach (var service in services)
        {
            Sample(page, "strata_uptime_seconds", [("service", service.Service)], service.UptimeMs / 1000.0);
        }

        Requests(page, services);
        Durations(page, services);
        foreach (var same in services.SelectMany(s => s.Values.Select(v => (s.Service, Value: v))).GroupBy(v => (v.Value.Name, v.Value.Counter)))
        {
            var isTime = same.Key.Name.EndsWith("_us", StringComparison.Ordinal);
            var name = $"strata_{(isTime ? same.Key.Name[..^2] + "seconds" : same.Key.Name)}{(same.Key.Counter ? "_total" : "")}";
            Head(page, name, same.Key.Counter ? "counter" : "gauge", null);
            foreach (var (service, value) in same)
            {
                Sample(page, name, [("service", service)], isTime ? value.Value / MicrosecondsPerSecond : value.Value);
            }
        }

        return page.ToString();
    }

    private static void Requests(StringBuilder page, IReadOnlyCollection<MetricsResult> services)
    {
        const string name = "strata_requests_total";
        Head(page, name, "counter", "Requests answered, by code and reason; without a method, those that named none.");
        foreach (var (service, method) in Methods(services))
        {
            Sample(page, name, [("service", service), ("method", method.Method), ("code", "OK"), ("reason", "")], method.Ok);
            foreach (var error in method.Errors)
            {
                Sample(page, name, [("service", service), ("method", method.Method), ("code", error.Code), ("reason", error.Reason)], error.Count);
            }
        }
    }

    private static void Durations(StringBuilder page, IReadOnlyCollection<MetricsResult> services)
    {
        const string name = "strata_request_duration_seconds";
        Head(page, name, "histogram", "Time from a request's arrival to its answer; streams are left out.");
        foreach (var service in services)
        {
            foreach (var method in service.Methods.Where(m => m.LatencyBuckets.Any(b => b > 0)))
            {
                var sum = 0L;
                for (var i = 0; i < method.LatencyBuckets.Count; i++)
                {
                    sum += method.LatencyBuckets[i];
                    var bound = i < service.BucketBoundsUs.Count ? Number(service.BucketBoundsUs[i] / MicrosecondsPerSecond) : "+Inf";
                    Sample(page, name + "_bucket", [("service", service.Service), ("method", method.Method), ("le", bound)], sum);
                }

                Sample(page, name + "_sum", [("service", service.Service), ("method", method.Method)], method.LatencySumUs / MicrosecondsPerSecond);
                Sample(page, name + "_count", [("service", service.Service), ("method", method.Method)], sum);
            }
        }
    }

    private static IEnumerable<(string Service, MethodMetrics Method)> Methods(IEnumerable<MetricsResult> services) =>
        services.SelectMany(s => s.Methods.Select(m => (s.Service, m)));

    private static void Head(StringBuilder page, string name, string type, string? help)
    {
        if (help is not null)
        {
            page.Append("# HELP ").Append(name).Append(' ').Append(help).Append('\n');
        }

        page.Append("# TYPE ").Append(name).Append(' ').Append(type).Append('\n');
    }

    private static void Sample(StringBuilder page, string name, ReadOnlySpan<(string Name, string Value)> labels, double value)
    {
        page.Append(name).Append('{');
        for (var i = 0; i < labels.Length; i++)
        {
            page.Append(i == 0 ? "" : ",").Append(labels[i].Name).Append("=\"").Append(Escape(labels[i].Value)).Append('"');
        }

        page.Append("} ").Append(Number(value)).Append('\n');
    }

    private static string Escape(string value) =>
        value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);

    private static string Number(double value) => value.ToString("R", CultureInfo.InvariantCulture);
}
