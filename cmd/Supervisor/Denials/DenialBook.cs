using System.Collections.Immutable;
using System.Numerics;

namespace Strata.Supervisor;

/// <summary>What was denied to each service, counted. Bounded: by services, and by kinds for each.</summary>
internal sealed class DenialBook
{
    /// <summary>Kinds counted for one service; further ones count as <see cref="Others"/>.</summary>
    internal const int MaxKinds = 64;

    internal const string Others = "others";

    private readonly Lock _adding = new();
    private ImmutableDictionary<string, ImmutableSortedDictionary<string, long>> _counts = ImmutableDictionary.Create<string, ImmutableSortedDictionary<string, long>>(StringComparer.Ordinal);

    /// <summary>Why denials are not seen; null when they are.</summary>
    internal string? Unseen { get; set; }

    /// <summary>Told of a service, what was denied, how often so far, and who tried; at each doubling of the count, so that a flood of denials is none of records.</summary>
    internal Action<string, string, long, int?>? OnNews { get; set; }

    /// <summary>Counts what was denied. From any thread.</summary>
    internal void Add(string service, string what, long times, int? pid)
    {
        if (times <= 0)
        {
            return;
        }

        long before, count;
        lock (_adding)
        {
            var ofService = _counts.GetValueOrDefault(service, ImmutableSortedDictionary.Create<string, long>(StringComparer.Ordinal));
            what = ofService.Count < MaxKinds || ofService.ContainsKey(what) ? what : Others;
            before = ofService.GetValueOrDefault(what);
            count = before + times;
            Volatile.Write(ref _counts, _counts.SetItem(service, ofService.SetItem(what, count)));
        }

        if (before == 0 || BitOperations.Log2((ulong)count) > BitOperations.Log2((ulong)before))
        {
            OnNews?.Invoke(service, what, count, pid);
        }
    }

    /// <summary>The counts of a service, by kind.</summary>
    internal IReadOnlyDictionary<string, long> Of(string service) =>
        Volatile.Read(ref _counts).GetValueOrDefault(service, ImmutableSortedDictionary<string, long>.Empty);
}
