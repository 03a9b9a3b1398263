namespace Strata.Ipc;

/// <summary>The numbers of one method on one loop.</summary>
internal sealed class MethodCounter(string name)
{
    /// <summary>Kinds of errors told apart; those that come later are counted as <see cref="Other"/>.</summary>
    internal const int MaxErrorKinds = 32;

    /// <summary>The reason of errors that no longer found a place.</summary>
    internal const string Other = "other";

    private readonly long[] _buckets = new long[LatencyBuckets.Count];
    private readonly Dictionary<(ErrorCode Code, string Reason), long> _errors = [];
    private long _ok;
    private long _sumUs;

    internal string Name => name;

    internal void Note(RpcError? error, long? latencyUs)
    {
        if (error is null)
        {
            Volatile.Write(ref _ok, _ok + 1);
        }
        else
        {
            lock (_errors)
            {
                var kind = (error.Code, error.Reason ?? "");
                kind = _errors.Count < MaxErrorKinds || _errors.ContainsKey(kind) ? kind : (error.Code, Other);
                _errors[kind] = _errors.GetValueOrDefault(kind) + 1;
            }
        }

        if (latencyUs is { } us)
        {
            Volatile.Write(ref _sumUs, _sumUs + us);
            ref var bucket = ref _buckets[LatencyBuckets.IndexOf(us)];
            Volatile.Write(ref bucket, bucket + 1);
        }
    }

    /// <summary>The counts of several loops for one method as one; null when it was never called.</summary>
    internal static MethodMetrics? Sum(IReadOnlyCollection<MethodCounter> counters)
    {
        var ok = counters.Sum(c => Volatile.Read(ref c._ok));
        var errors = new SortedDictionary<(string Code, string Reason), long>();
        foreach (var counter in counters)
        {
            lock (counter._errors)
            {
                foreach (var ((code, reason), count) in counter._errors)
                {
                    var kind = (code.WireName(), reason);
                    errors[kind] = errors.GetValueOrDefault(kind) + count;
                }
            }
        }

        if (ok == 0 && errors.Count == 0)
        {
            return null;
        }

        var buckets = Enumerable.Range(0, LatencyBuckets.Count).Select(i => counters.Sum(c => Volatile.Read(ref c._buckets[i])));
        return new MethodMetrics(
            counters.First().Name, ok, [.. errors.Select(e => new ErrorMetrics(e.Key.Code, e.Key.Reason, e.Value))],
            counters.Sum(c => Volatile.Read(ref c._sumUs)), [.. buckets]);
    }
}
