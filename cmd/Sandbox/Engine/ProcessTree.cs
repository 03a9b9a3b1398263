using System.Globalization;
using Strata.Linux;

namespace Strata.Sandbox;

/// <summary>Who descends from whom, as the kernel tells it now.</summary>
internal static class ProcessTree
{
    /// <summary>Whether a process was started with a variable, given as <c>NAME=value</c> and a NUL.</summary>
    internal static bool HasVariable(int pid, ReadOnlySpan<byte> variable)
    {
        try
        {
            var all = File.ReadAllBytes(string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/environ")).AsSpan();
            var at = all.IndexOf(variable);
            return at == 0 || (at > 0 && all[at - 1] == 0);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false; // It has ended.
        }
    }

    /// <summary>A process and its living descendants, itself first.</summary>
    internal static IReadOnlyList<int> Of(int pid)
    {
        var children = new Dictionary<int, List<int>>();
        foreach (var number in ProcessNumbers.Living())
        {
            if (ProcessStat.Of(number) is { IsZombie: false } stat)
            {
                (children.TryGetValue(stat.Parent, out var known) ? known : children[stat.Parent] = []).Add(number);
            }
        }

        var tree = new List<int> { pid };
        for (var i = 0; i < tree.Count; i++)
        {
            tree.AddRange(children.GetValueOrDefault(tree[i], []));
        }

        return tree;
    }
}
