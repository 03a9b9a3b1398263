using System.Globalization;
using Strata.Linux;

namespace Strata.Sandbox.Tests;

/// <summary>What sandboxes of a service leave on the machine while they are there, counted.</summary>
internal sealed record Traces(int Descriptors, int Children, int Groups, string Mounts)
{
    /// <summary>Of this process now.</summary>
    internal static Traces Now() => new(
        CountDescriptors(), ChildrenOf(Environment.ProcessId).Count, GroupsOf(Environment.ProcessId).Count, File.ReadAllText("/proc/self/mountinfo"));

    /// <summary>Whether nothing more is there than at another time. A connection or two of the test itself may be.</summary>
    internal bool IsNoMoreThan(Traces before) =>
        Descriptors <= before.Descriptors + 4 && Children <= before.Children && Groups <= before.Groups && Mounts == before.Mounts;

    public override string ToString() => $"{Descriptors} descriptors, {Children} children, {Groups} groups";

    /// <summary>Control groups of the sandboxes of a service.</summary>
    internal static List<string> GroupsOf(int service) => !Directory.Exists("/sys/fs/cgroup") ? [] :
        [.. Directory.EnumerateDirectories("/sys/fs/cgroup", string.Create(CultureInfo.InvariantCulture, $"strata.{service}.sandbox-*"), new EnumerationOptions { RecurseSubdirectories = true, IgnoreInaccessible = true })];

    // A service keeps the namespaces by which it mounts for as many sandboxes as it has had at once.
    private static int CountDescriptors() =>
        Directory.EnumerateFileSystemEntries("/proc/self/fd").Count(path => new FileInfo(path).LinkTarget?.StartsWith("user:[", StringComparison.Ordinal) != true);

    /// <summary>Children of a process, zombies among them.</summary>
    internal static List<int> ChildrenOf(int parent) => [.. Directory.EnumerateDirectories("/proc").Select(Path.GetFileName)
        .Select(name => int.TryParse(name, CultureInfo.InvariantCulture, out int pid) ? pid : 0).Where(pid => pid > 0 && ProcessStat.Of(pid)?.Parent == parent)];
}
