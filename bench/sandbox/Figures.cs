using System.Diagnostics;
using System.Globalization;

namespace Strata.Bench;

/// <summary>Times by what they are of.</summary>
internal sealed class Figures
{
    private readonly Dictionary<string, List<double>> _times = [];

    /// <summary>Takes the time of something; of a round below 0 only to warm up.</summary>
    internal async Task TimeAsync(int round, string what, Func<Task> action)
    {
        var begun = Stopwatch.GetTimestamp();
        await action();
        Note(round, what, begun);
    }

    internal void Time(int round, string what, Action action)
    {
        var begun = Stopwatch.GetTimestamp();
        action();
        Note(round, what, begun);
    }

    internal double Median(string what)
    {
        var list = _times[what];
        list.Sort();
        return list[list.Count / 2];
    }

    internal void Print()
    {
        foreach (var (what, list) in _times)
        {
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{what,-14} p50 {Median(what),8:f3} ms  p90 {list[list.Count * 9 / 10],8:f3}  least {list[0],8:f3}"));
        }
    }

    private void Note(int round, string what, long begun)
    {
        if (round >= 0)
        {
            (_times.TryGetValue(what, out var list) ? list : _times[what] = []).Add(Stopwatch.GetElapsedTime(begun).TotalMilliseconds);
        }
    }
}
