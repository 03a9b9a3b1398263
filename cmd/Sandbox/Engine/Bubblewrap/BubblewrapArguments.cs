using System.Globalization;

namespace Strata.Sandbox;

/// <summary>What bubblewrap is told. Pure.</summary>
internal static class BubblewrapArguments
{
    /// <summary>The most that the directories in memory hold, each: /tmp and /dev/shm.</summary>
    internal const long MaxTmpBytes = 1L << 30;

    /// <summary>The most that /run holds.</summary>
    internal const long MaxRunBytes = 16L << 20;

    // Tell of the host or its other users and are of no use to a program in a sandbox.
    private static readonly string[] MaskedFiles = ["kcore", "keys", "key-users", "timer_list", "sched_debug", "latency_stats", "kallsyms", "kmsg"];

    /// <summary>The arguments, the program's name first.</summary>
    /// <param name="plan">The sandbox.</param>
    /// <param name="ids">Who is inside.</param>
    /// <param name="place">Where the parts of its root have been put.</param>
    /// <param name="exists">Whether the host has a path.</param>
    internal static IEnumerable<string> Of(SandboxPlan plan, SandboxIds ids, string place, Func<string, bool> exists)
    {
        string[] network = plan.Network == "host" ? [] : ["--unshare-net"];
        string[] user = ids.IsSingle && plan.User != 0 ? ["--unshare-user", "--uid", Number(plan.User), "--gid", Number(plan.Group ?? plan.User)] : [];
        string[] workspace = plan.WorkspaceDirectory is null ? [] : ["--bind", place + MakingScript.Workspace, "/workspace"];
        string[] channel = !plan.HasChannel ? [] : ["--ro-bind", place + MakingScript.Channel, plan.ChannelPath];
        return
        [
            "bwrap", .. user, "--unshare-pid", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try", .. network, "--hostname", plan.Hostname,
            "--die-with-parent", "--as-pid-1", "--new-session", "--clearenv",
            "--info-fd", Number(MakingScript.Status), "--seccomp", Number(MakingScript.Filter),
            "--bind", place + MakingScript.Root, "/", .. plan.Layers.Count == 0 ? HostParts(plan, place, exists) : [],
            "--proc", "/proc", .. MaskedFiles.Where(name => exists("/proc/" + name)).SelectMany<string, string>(name => ["--ro-bind", "/dev/null", "/proc/" + name]),
            "--dev", "/dev", "--perms", "1777", "--size", Number(TmpBytes(plan)), "--tmpfs", "/dev/shm", "--remount-ro", "/dev",
            "--perms", "1777", "--size", Number(TmpBytes(plan)), "--tmpfs", "/tmp", "--perms", "0755", "--size", Number(MaxRunBytes), "--tmpfs", "/run",
            .. workspace, .. channel, "--chdir", "/", "--cap-drop", "ALL", "--", string.Create(CultureInfo.InvariantCulture, $"/proc/self/fd/{MakingScript.Init}"),
        ];
    }

    private static long TmpBytes(SandboxPlan plan) => Math.Min(plan.Limits.DiskBytes ?? MaxTmpBytes, MaxTmpBytes);

    private static IEnumerable<string> HostParts(SandboxPlan plan, string place, Func<string, bool> exists)
    {
        yield return "--ro-bind";
        yield return place + MakingScript.Usr;
        yield return "/usr";
        foreach (string name in HostEtc.Shown.Concat(plan.HostRoot is null ? HostEtc.Copied : []).Where(name => exists("/etc/" + name)))
        {
            yield return "--ro-bind";
            yield return "/etc/" + name;
            yield return "/etc/" + name;
        }
    }

    private static string Number(long value) => value.ToString(CultureInfo.InvariantCulture);
}
