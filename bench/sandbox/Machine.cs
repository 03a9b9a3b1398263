using System.Globalization;

namespace Strata.Bench;

/// <summary>What processes use of the machine's memory.</summary>
internal static class Machine
{
    /// <summary>Bytes that programs could still have, by the kernel's own account: what it uses itself is counted.</summary>
    internal static long Available() => Number(File.ReadLines("/proc/meminfo"), "MemAvailable:");

    /// <summary>Bytes of a process and all that descend from it, each page shared out among those who have it.</summary>
    internal static long Share(int pid)
    {
        var parents = Directory.EnumerateDirectories("/proc").Select(path => int.TryParse(Path.GetFileName(path), CultureInfo.InvariantCulture, out var number) ? number : 0)
            .Where(number => number > 0).Select(number => (Pid: number, Parent: ParentOf(number))).ToLookup(p => p.Parent, p => p.Pid);
        long sum = 0;
        var left = new Queue<int>([pid]);
        while (left.TryDequeue(out var one))
        {
            sum += ShareOfOne(one);
            foreach (var child in parents[one])
            {
                left.Enqueue(child);
            }
        }

        return sum;
    }

    private static long ShareOfOne(int pid)
    {
        try
        {
            return Number(File.ReadLines($"/proc/{pid}/smaps_rollup"), "Pss:");
        }
        catch (Exception e) when (e is IOException or InvalidOperationException)
        {
            return 0; // It has ended.
        }
    }

    private static int ParentOf(int pid)
    {
        try
        {
            var stat = File.ReadAllText($"/proc/{pid}/stat");
            return int.Parse(stat[(stat.LastIndexOf(')') + 4)..].Split(' ')[0], CultureInfo.InvariantCulture);
        }
        catch (IOException)
        {
            return 0;
        }
    }

    private static long Number(IEnumerable<string> lines, string name) =>
        1024 * long.Parse(lines.First(line => line.StartsWith(name, StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
}
