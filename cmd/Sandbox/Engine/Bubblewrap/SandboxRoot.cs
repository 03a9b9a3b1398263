using Strata.Linux;

namespace Strata.Sandbox;

/// <summary>The directories in which a sandbox's changes lie, made before it is: for the built-in image the whole of its root but what it shares with the host.</summary>
internal static class SandboxRoot
{
    private static readonly string[] Shared = ["usr", "bin", "sbin", "lib", "lib32", "lib64", "libx32"];

    // The directories of the root that everybody expects; /proc, /dev and the rest are mounted over.
    private static readonly string[] Plain = ["etc", "home", "mnt", "opt", "proc", "dev", "run", "srv", "tmp", "usr", "workspace", "var", "var/cache", "var/lib", "var/log", "var/tmp"];

    /// <summary>The directory in the changes that holds what was changed.</summary>
    internal const string UpperName = "upper";

    /// <summary>The directory in the changes that is the whole of a root, layers and changes; when it is there, it is what counts.</summary>
    internal const string CopiedName = "root";

    /// <summary>Where the sandbox's own files lie.</summary>
    internal static string Upper(SandboxPlan plan) => Path.Combine(plan.ChangesDirectory, plan.IsCopied ? CopiedName : UpperName);

    /// <summary>Where the overlay works.</summary>
    internal static string Work(SandboxPlan plan) => Path.Combine(plan.ChangesDirectory, "work");

    /// <summary>Whether nothing has been made of it yet.</summary>
    internal static bool IsFresh(SandboxPlan plan) => !Directory.Exists(Upper(plan));

    /// <summary>Whether its changes are the whole of a root of the built-in image: then there is the place for the host's /usr, which nobody inside can make.</summary>
    internal static bool IsWhole(SandboxPlan plan) => Directory.Exists(Path.Combine(Upper(plan), "usr"));

    /// <summary>Makes what is missing; leaves alone what an earlier life of the sandbox has left.</summary>
    internal static void Prepare(SandboxPlan plan, SandboxIds ids)
    {
        // What was copied has all, and links of the image's that no path of ours may follow.
        if (!plan.IsCopied)
        {
            PrepareOwn(plan, ids);
        }

        if (plan.WorkspaceDirectory is { } workspace && !ids.IsSingle)
        {
            FileOwner.Give(workspace, ids.OnHost(plan.User));
        }
    }

    private static void PrepareOwn(SandboxPlan plan, SandboxIds ids)
    {
        bool isFirst = plan.Lower.Count > 0 ? IsFresh(plan) : !IsWhole(plan);
        Make(Upper(plan), ids.OnHost(0));
        if (plan.Lower.Count > 0)
        {
            Make(Work(plan), ids.OnHost(0));
        }
        else if (isFirst)
        {
            FillHost(Upper(plan), plan.Hostname, ids);
        }

        if (isFirst)
        {
            WriteOwn(plan, ids);
        }

        if (plan.WorkspaceDirectory is null && isFirst && (plan.HostRoot is null || plan.User != SandboxPlan.UsualUser))
        {
            Make(Path.Combine(Upper(plan), "workspace"), ids.OnHost(plan.User));
        }
    }

    /// <summary>Writes what of /etc is this sandbox's alone.</summary>
    private static void WriteOwn(SandboxPlan plan, SandboxIds ids)
    {
        bool isNamed = plan.HostRoot is not null && plan.Hostname != SandboxPlan.UsualHostname;
        if (isNamed || plan.NameServers.Count > 0)
        {
            Make(Path.Combine(Upper(plan), "etc"), ids.OnHost(0));
            Write(Upper(plan), [.. isNamed ? HostEtc.NamesOf(plan.Hostname) : [], .. plan.NameServers.Count > 0 ? [HostEtc.Resolver(plan.NameServers)] : Array.Empty<(string, string)>()], ids);
        }
    }

    /// <summary>Makes a root of the built-in image.</summary>
    internal static void FillHost(string root, string hostname, SandboxIds ids)
    {
        Make(root, ids.OnHost(0));
        foreach (string name in Plain)
        {
            Make(Path.Combine(root, name), ids.OnHost(0));
        }

        Make(Path.Combine(root, "workspace"), ids.OnHost(SandboxPlan.UsualUser));

        foreach (string name in Shared)
        {
            // What is a directory of its own on this host is mounted; its mount point is made then.
            if (new DirectoryInfo("/" + name).LinkTarget is { } target && !Path.IsPathRooted(target))
            {
                File.CreateSymbolicLink(Path.Combine(root, name), target);
                FileOwner.Give(Path.Combine(root, name), ids.OnHost(0));
            }
        }

        Make(Path.Combine(root, "root"), ids.OnHost(0), 0x1C0);
        Make(Path.Combine(root, "home/sandbox"), ids.OnHost(1000), 0x1C0);
        Make(Path.Combine(root, "var/tmp"), ids.OnHost(0), 0x3FF);
        Write(root, HostEtc.Files(hostname), ids);
        // Where the host's own are mounted.
        foreach (string name in HostEtc.Shown.Concat(HostEtc.Copied))
        {
            if (Directory.Exists("/etc/" + name))
            {
                Make(Path.Combine(root, "etc", name), ids.OnHost(0));
            }
            else if (File.Exists("/etc/" + name))
            {
                Write(root, [(name, "")], ids);
            }
        }
    }

    private static void Write(string root, IEnumerable<(string Name, string Text)> files, SandboxIds ids)
    {
        foreach ((string name, string text) in files)
        {
            string path = Path.Combine(root, "etc", name);
            File.WriteAllText(path, text);
            File.SetUnixFileMode(path, (UnixFileMode)0x1A4);
            FileOwner.Give(path, ids.OnHost(0));
        }
    }

    private static void Make(string path, uint owner, int mode = 0x1ED)
    {
        Directory.CreateDirectory(path);
        File.SetUnixFileMode(path, (UnixFileMode)mode);
        FileOwner.Give(path, owner);
    }
}
