using System.Globalization;
using Strata.Linux;

namespace Strata.Sandbox;

/// <summary>A moment as processes know it: they are numbered upwards, and the kernel notes when each began.</summary>
/// <param name="LastPid">The number given last.</param>
/// <param name="Timestamp">The service's clock then.</param>
internal readonly record struct BeginMark(int LastPid, long Timestamp)
{
    /// <summary>The grain of the kernel's notes, the same on every machine that .NET runs on.</summary>
    private const int TicksPerSecond = 100;

    /// <summary>Now.</summary>
    internal static BeginMark Now(TimeProvider time) => new(ProcessNumbers.Last(), time.GetTimestamp());

    /// <summary>
    /// Those of some processes that began after it. The kernel's notes are coarse, so that what began just before is told apart by its number alone, and by
    /// its time alone what began once the numbers had started over.
    /// </summary>
    internal IEnumerable<(int Pid, ulong StartTicks)> Later(IEnumerable<int> processes, TimeProvider time)
    {
        var (now, ago) = (Ticks(), (ulong)(time.GetElapsedTime(Timestamp).TotalSeconds * TicksPerSecond));
        var began = now > ago + 1 ? now - ago - 1 : 0;
        foreach (var pid in processes)
        {
            if (ProcessStat.Of(pid) is { IsZombie: false } stat && stat.StartTicks >= began && (pid > LastPid || stat.StartTicks > began + 2))
            {
                yield return (pid, stat.StartTicks);
            }
        }
    }

    private static ulong Ticks()
    {
        var text = File.ReadAllText("/proc/uptime");
        return (ulong)(double.Parse(text.AsSpan(0, text.IndexOf(' ', StringComparison.Ordinal)), NumberStyles.Float, CultureInfo.InvariantCulture) * TicksPerSecond);
    }
}
