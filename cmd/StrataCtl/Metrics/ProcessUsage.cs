using System.Globalization;

namespace Strata.StrataCtl.Metrics;

/// <summary>What the kernel says of a process.</summary>
/// <param name="CpuTime">Processor time used since its start.</param>
/// <param name="ResidentBytes">Memory in use, shared pages included.</param>
internal readonly record struct ProcessUsage(TimeSpan CpuTime, long ResidentBytes)
{
    // USER_HZ, which Linux shows to programs whatever its own clock does.
    private const int TicksPerSecond = 100;

    /// <summary>Reads <c>/proc/PID/stat</c>; null when the process is gone or hidden.</summary>
    /// <param name="root">Where <c>/proc</c> lies.</param>
    /// <param name="pid">The process.</param>
    public static ProcessUsage? Of(string root, int pid)
    {
        try
        {
            return Parse(File.ReadAllText(Path.Combine(root, $"proc/{pid}/stat")));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Reads the text of proc_pid_stat(5): utime and stime are fields 14 and 15, rss in pages is field 24.</summary>
    internal static ProcessUsage? Parse(string stat)
    {
        // The name in parentheses may hold anything, parentheses too.
        var fields = stat[(stat.LastIndexOf(')') + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return fields.Length > 21 && Number(fields[11]) is { } user && Number(fields[12]) is { } system && Number(fields[21]) is { } pages
            ? new ProcessUsage(TimeSpan.FromSeconds((user + system) / (double)TicksPerSecond), pages * Environment.SystemPageSize)
            : null;

        static long? Number(string text) => long.TryParse(text, CultureInfo.InvariantCulture, out var number) ? number : null;
    }
}
