namespace Strata.StrataCtl.Doctor;

/// <summary>What the kernel offers for confinement, from <c>/proc</c> and <c>/sys</c>.</summary>
/// <param name="root">Where these are looked for.</param>
/// <param name="landlockVersion">The version the kernel reports, or null.</param>
internal sealed class KernelChecks(string root, int? landlockVersion)
{
    private static readonly string[] NeededControllers = ["cpu", "memory", "pids"];

    public IEnumerable<Finding> All() => [Kernel(), Landlock(), Seccomp(), ControlGroups()];

    private Finding Kernel() => Read("proc/sys/kernel/osrelease") is { } release
        ? Finding.Ok("kernel", release)
        : Finding.Warn("kernel", "/proc is not readable", "mount /proc");

    private Finding Landlock()
    {
        var modules = Read("sys/kernel/security/lsm");
        if (landlockVersion is { } version)
        {
            return Finding.Ok("landlock", $"version {version}{(modules is null ? "" : $"; security modules: {modules}")}");
        }

        return modules is not null && !modules.Split(',').Contains("landlock")
            ? Finding.Warn("landlock", $"not among the enabled security modules ({modules})", "boot with lsm=landlock,... to confine services by path")
            : Finding.Warn("landlock", "this kernel does not offer it", "services run without path confinement; Linux 5.13 and later have it");
    }

    private Finding Seccomp()
    {
        var actions = Read("proc/sys/kernel/seccomp/actions_avail");
        return actions is not null && actions.Split(' ').Contains("errno")
            ? Finding.Ok("seccomp", $"actions: {actions}")
            : Finding.Warn("seccomp", "filters are not available", "services run without system call filters; the kernel needs CONFIG_SECCOMP_FILTER");
    }

    private Finding ControlGroups()
    {
        const string check = "cgroups";
        if (Read("sys/fs/cgroup/cgroup.controllers") is { } controllers)
        {
            var missing = NeededControllers.Except(controllers.Split(' ')).ToArray();
            return missing.Length == 0
                ? Finding.Ok(check, $"version 2; controllers: {controllers}")
                : Finding.Warn(check, $"version 2, without {string.Join(", ", missing)}", "limits of these kinds are not enforced; enable them in cgroup.subtree_control of the parent");
        }

        var absent = NeededControllers.Where(c => !Directory.Exists(Path.Join(root, "sys/fs/cgroup", c))).ToArray();
        return absent.Length == 0
            ? Finding.Ok(check, "version 1, with all controllers that limits need")
            : Finding.Warn(check, $"version 1, without {string.Join(", ", absent)}", "limits of these kinds are refused; boot with systemd.unified_cgroup_hierarchy=1, or mount cgroup2 at /sys/fs/cgroup");
    }

    private string? Read(string path)
    {
        try
        {
            return File.ReadAllText(Path.Join(root, path)).Trim();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
