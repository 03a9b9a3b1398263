using System.Globalization;
using Strata.Linux;

namespace Strata.Exec;

/// <summary>
/// What programs left behind: processes that put themselves into a session of their own, and so escaped the kill of their
/// group. They have become our children, and when no program runs, every child of ours is one. An unreaped child's pid is
/// reserved, so that no stranger is hit.
/// </summary>
internal static class Leftovers
{
    /// <summary>Rounds of killing: the children of what is killed come next.</summary>
    private const int MaxRounds = 8;

    internal static void Clear()
    {
        for (var round = 0; round < MaxRounds; round++)
        {
            _ = Orphans.Reap(static _ => false);
            var left = Children().ToList();
            if (left.Count == 0)
            {
                return;
            }

            foreach (var pid in left)
            {
                _ = Orphans.TryKill(pid);
            }
        }
    }

    private static IEnumerable<int> Children()
    {
        foreach (var thread in Directory.EnumerateDirectories("/proc/self/task"))
        {
            foreach (var pid in ReadPids(Path.Combine(thread, "children")))
            {
                yield return pid;
            }
        }
    }

    private static IEnumerable<int> ReadPids(string file)
    {
        try
        {
            return File.ReadAllText(file).Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(p => int.Parse(p, CultureInfo.InvariantCulture));
        }
        catch (IOException)
        {
            return []; // The thread ended, or this kernel does not tell; then they end with the service's control group.
        }
    }
}
