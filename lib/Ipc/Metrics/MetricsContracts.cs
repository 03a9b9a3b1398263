using System.ComponentModel;

namespace Strata.Ipc;

/// <summary>Result of <c>SERVICE.metrics</c>: what was counted since the service started.</summary>
/// <param name="Service">Name of the service.</param>
/// <param name="UptimeMs">Milliseconds that were counted for.</param>
/// <param name="BucketBoundsUs">Upper bounds of the latency buckets in microseconds, inclusive, ascending; the last bucket has none.</param>
/// <param name="Methods">One object a method that was called.</param>
/// <param name="Values">Everything else.</param>
public sealed record MetricsResult(
    [property: Description("name of the service")] string Service,
    [property: Description("milliseconds since the service started")] long UptimeMs,
    [property: Description("upper bounds of the latency buckets in microseconds, ascending; one more bucket has no bound")] IReadOnlyList<long> BucketBoundsUs,
    [property: Description("the methods that were called, by name")] IReadOnlyList<MethodMetrics> Methods,
    [property: Description("connections, caches and the process, by name")] IReadOnlyList<MetricValue> Values);

/// <summary>What was counted of one method.</summary>
/// <param name="Method">Full name; empty for requests of which no call was made (malformed, method unknown).</param>
/// <param name="Ok">Calls answered with success.</param>
/// <param name="Errors">Calls answered with an error, by code and reason.</param>
/// <param name="LatencySumUs">Microseconds from the request's arrival to its answer, in sum.</param>
/// <param name="LatencyBuckets">How many answers took how long: one number a bucket, not cumulative; calls answered by a stream are not in it.</param>
public sealed record MethodMetrics(
    [property: Description("full name; empty for requests that named no method of the service or were malformed")] string Method,
    [property: Description("calls answered with success")] long Ok,
    [property: Description("calls answered with an error")] IReadOnlyList<ErrorMetrics> Errors,
    [property: Description("microseconds from arrival to answer, in sum")] long LatencySumUs,
    [property: Description("answers a bucket, not cumulative; streams are left out")] IReadOnlyList<long> LatencyBuckets);

/// <summary>Errors of one kind.</summary>
/// <param name="Code">Name of the code, e.g. <c>PERMISSION_DENIED</c>.</param>
/// <param name="Reason">The stable reason; empty when the error has none.</param>
/// <param name="Count">How many.</param>
public sealed record ErrorMetrics(
    [property: Description("name of the error code")] string Code,
    [property: Description("reason code; empty for none, other for what no longer found a place")] string Reason,
    [property: Description("how many")] long Count);

/// <summary>One number of a service.</summary>
/// <param name="Name">Its name, e.g. <c>connections</c>; the unit, when it has one, is its last word.</param>
/// <param name="Counter">True when it only ever grows.</param>
/// <param name="Value">The number now.</param>
public sealed record MetricValue(
    [property: Description("its name; the last word is the unit")] string Name,
    [property: Description("true when it only ever grows")] bool Counter,
    [property: Description("the number now")] long Value);
