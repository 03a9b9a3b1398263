using System.Diagnostics;
using System.Globalization;
using Strata.Policy;

namespace Strata.Bench;

/// <summary>What one spend of a rate costs with one bucket in use and with 100 000, in turns.</summary>
internal static class RateLimiterCost
{
    private const int Many = 100_000;
    private const int Rounds = 9;

    internal static void Print(TextWriter output)
    {
        var random = new Random(1);
        string[] ids = [.. Enumerable.Range(0, Many).Select(i => string.Create(CultureInfo.InvariantCulture, $"{random.NextInt64():x16}{i:x16}"))];
        var (one, many) = (new RateLimiter(TimeProvider.System.TimestampFrequency), new RateLimiter(TimeProvider.System.TimestampFrequency));
        long now = 0;
        var (few, all) = (new List<double>(), new List<double>());
        Spend(many, ids, ref now);
        if (many.Count != Many)
        {
            throw new InvalidOperationException($"the limiter holds {many.Count} buckets, not {Many}");
        }

        for (var round = 0; round <= Rounds; round++)
        {
            random.Shuffle(ids);
            var (first, second) = (Spend(one, [.. Enumerable.Repeat(ids[0], Many)], ref now), Spend(many, ids, ref now));
            // The first round warms up.
            if (round > 0)
            {
                few.Add(first);
                all.Add(second);
            }
        }

        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{Median(few):0.0} {Median(all):0.0}"));
    }

    /// <summary>Spends once for each id.</summary>
    /// <returns>The median cost of a spend in nanoseconds, the reading of the clock included.</returns>
    private static double Spend(RateLimiter limiter, string[] ids, ref long now)
    {
        var rate = new RateLimit(1000);
        // So much time passes between two spends that none is denied.
        var step = TimeProvider.System.TimestampFrequency / 1000;
        var took = new long[ids.Length];
        for (var i = 0; i < ids.Length; i++)
        {
            now += step;
            var begun = Stopwatch.GetTimestamp();
            var outcome = limiter.TrySpend(ids[i], rate, now);
            took[i] = Stopwatch.GetTimestamp() - begun;
            if (!outcome.IsAllowed)
            {
                throw new InvalidOperationException($"a spend was denied: {outcome.Reason}");
            }
        }

        return Median(took.Select(t => (double)t)) * 1e9 / Stopwatch.Frequency;
    }

    private static double Median(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return sorted[sorted.Length / 2];
    }
}
