namespace Strata.Ipc;

/// <summary>Everything a service counts, and the method that tells it. Safe to use from many threads.</summary>
public sealed class ServiceMetrics
{
    /// <summary>Most values besides the calls.</summary>
    public const int MaxValues = 64;

    private readonly TimeProvider _time;
    private readonly long _since;
    private readonly Lock _changing = new();
    private readonly List<CallCounter> _counters = [];
    private readonly List<(string Name, bool Counter, Func<long> Read)> _values = [];

    /// <summary>Begins to count.</summary>
    /// <param name="service">Name of the service.</param>
    /// <param name="time">The clock.</param>
    public ServiceMetrics(string service, TimeProvider time)
    {
        (Service, _time, _since) = (service, time, time.GetTimestamp());
        Method = new UnaryMethod<NoParams, MetricsResult>(
            $"{service}.metrics", "Tells what was counted since the service started: calls, errors, latencies, connections, caches.",
            Access.RightOrAuthority($"{service}.metrics"), () => IpcJson.Default.NoParams, () => IpcJson.Default.MetricsResult,
            (_, _) => (Reply<MetricsResult>)Read());
    }

    /// <summary>Name of the service.</summary>
    public string Service { get; }

    /// <summary><c>SERVICE.metrics</c>.</summary>
    public Method Method { get; }

    /// <summary>A counter for one more loop.</summary>
    public CallCounter AddLoop(MethodTable methods)
    {
        var counter = new CallCounter(methods, _time);
        lock (_changing)
        {
            _counters.Add(counter);
        }

        return counter;
    }

    /// <summary>Adds a value that is read whenever somebody asks; it must not block or throw.</summary>
    /// <param name="name">Lower-case words and underscores; the last word is the unit, when there is one.</param>
    /// <param name="counter">True when it only ever grows.</param>
    /// <param name="read">Reads it.</param>
    /// <exception cref="InvalidOperationException">There are <see cref="MaxValues"/> already, or one of this name.</exception>
    public void Add(string name, bool counter, Func<long> read)
    {
        lock (_changing)
        {
            if (_values.Count >= MaxValues || _values.Exists(v => v.Name == name))
            {
                throw new InvalidOperationException($"{Service} has a metric \"{name}\" already, or {MaxValues} of them, the most there may be.");
            }

            _values.Add((name, counter, read));
        }
    }

    /// <summary>The numbers now.</summary>
    public MetricsResult Read()
    {
        CallCounter[] counters;
        (string Name, bool Counter, Func<long> Read)[] values;
        lock (_changing)
        {
            (counters, values) = ([.. _counters], [.. _values]);
        }

        var methods = counters.SelectMany(c => c.All).GroupBy(m => m.Name, StringComparer.Ordinal)
            .Select(same => MethodCounter.Sum([.. same])).OfType<MethodMetrics>().OrderBy(m => m.Method, StringComparer.Ordinal);
        return new MetricsResult(
            Service, (long)_time.GetElapsedTime(_since).TotalMilliseconds, LatencyBuckets.BoundsUs, [.. methods],
            [.. values.Select(v => new MetricValue(v.Name, v.Counter, v.Read())).OrderBy(v => v.Name, StringComparer.Ordinal)]);
    }
}
