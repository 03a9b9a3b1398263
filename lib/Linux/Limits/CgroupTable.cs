using System.Text;

namespace Strata.Linux;

/// <summary>Reads from the kernel's own texts which hierarchies of control groups there are. Pure.</summary>
public static class CgroupTable
{
    /// <summary>The hierarchies that are mounted and hold this process.</summary>
    /// <param name="mountInfo">The text of /proc/self/mountinfo.</param>
    /// <param name="groups">The text of /proc/self/cgroup.</param>
    public static IReadOnlyList<CgroupHierarchy> Parse(string mountInfo, string groups)
    {
        var own = groups.Split('\n').Select(line => line.Split(':', 3)).Where(parts => parts.Length == 3).ToList();
        var found = new List<CgroupHierarchy>();
        foreach (string line in mountInfo.Split('\n'))
        {
            if (ParseMount(line) is not { } mount)
            {
                continue;
            }

            string? path = mount.Type == "cgroup2"
                ? own.FirstOrDefault(parts => parts[0] == "0" && parts[1].Length == 0)?[2]
                : own.FirstOrDefault(parts => parts[1].Length > 0 && parts[1].Split(',').All(mount.Options.Contains))?[2];
            if (path is not null && Below(mount.Root, path) is { } below && found.TrueForAll(h => !IsSame(h, mount)))
            {
                string[] controllers = mount.Type == "cgroup2" ? [] : [.. mount.Options.Where(IsController)];
                found.Add(new CgroupHierarchy(mount.Type == "cgroup2", controllers, Join(mount.Point, below)));
            }
        }

        return found;
    }

    private static bool IsSame(CgroupHierarchy known, Mount mount) =>
        known.IsVersion2 ? mount.Type == "cgroup2" : mount.Type == "cgroup" && known.Controllers.Any(mount.Options.Contains);

    // A mount may show only a part of the hierarchy, as a container's does: a group outside of it cannot be reached.
    private static string? Below(string root, string path) =>
        root == "/" ? path
        : path == root ? "/"
        : path.StartsWith(root + "/", StringComparison.Ordinal) ? path[root.Length..]
        : null;

    private static string Join(string point, string below) => below == "/" ? point : point + below;

    private static bool IsController(string option) =>
        option is "memory" or "cpu" or "cpuacct" or "pids" or "freezer" or "blkio" or "devices" or "cpuset" || option.StartsWith("name=", StringComparison.Ordinal);

    /// <summary>A line is: id, parent, device, root, mount point, options, any number of fields, "-", type, source, options of the file system.</summary>
    private static Mount? ParseMount(string line)
    {
        string[] fields = line.Split(' ');
        int dash = Array.IndexOf(fields, "-", Math.Min(6, fields.Length));
        return dash > 0 && fields.Length > dash + 3 && fields[dash + 1] is "cgroup" or "cgroup2"
            ? new Mount(Unescape(fields[3]), Unescape(fields[4]), fields[dash + 1], fields[dash + 3].Split(','))
            : null;
    }

    /// <summary>Blanks and backslashes stand as three octal digits after a backslash.</summary>
    private static string Unescape(string field)
    {
        var text = new StringBuilder();
        for (int i = 0; i < field.Length; i++)
        {
            if (field[i] == '\\' && i + 3 < field.Length && field.AsSpan(i + 1, 3).IndexOfAnyExceptInRange('0', '7') < 0)
            {
                text.Append((char)Convert.ToInt32(field.Substring(i + 1, 3), 8));
                i += 3;
            }
            else
            {
                text.Append(field[i]);
            }
        }

        return text.ToString();
    }

    private sealed record Mount(string Root, string Point, string Type, string[] Options);
}
