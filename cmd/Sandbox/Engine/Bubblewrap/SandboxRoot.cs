using Strata.Linux;

namespace Strata.Sandbox;

/// <summary>The directories in which a sandbox's changes lie, made before it is: for the built-in image the whole of its root but what it shares with the host.</summary>
internal static class SandboxRoot
{
    private static readonly string[] Shared = ["usr", "bin", "sbin", "lib", "lib32", "lib64", "libx32"];

    // The directories of the root that everybody expects; /proc, /dev and the rest are mounted over.
    private static readonly string[] Plain = ["etc", "home", "mnt", "opt", "proc", "dev", "run", "srv", "tmp", "usr", "workspace", "var", "var/cache", "var/lib", "var/log", "var/tmp"];

    /// <summary>Where the sandbox's own files lie.</summary>
    internal static string Upper(SandboxPlan plan) => Path.Combine(plan.ChangesDirectory, "upper");

    /// <summary>Where the overlay works.</summary>
    internal static string Work(SandboxPlan plan) => Path.Combine(plan.ChangesDirectory, "work");

    /// <summary>Makes what is missing; leaves alone what an earlier life of the sandbox has left.</summary>
    internal static void Prepare(SandboxPlan plan, SandboxIds ids)
    {
        bool fresh = !Directory.Exists(Upper(plan));
        Make(Upper(plan), ids.OnHost(0));
        if (plan.Layers.Count > 0)
        {
            Make(Work(plan), ids.OnHost(0));
        }
        else if (fresh)
        {
            FillHostRoot(Upper(plan), plan, ids);
        }

        if (plan.WorkspaceDirectory is { } workspace && !ids.IsSingle)
        {
            FileOwner.Give(workspace, ids.OnHost(plan.User));
        }
        else if (plan.WorkspaceDirectory is null && fresh)
        {
            Make(Path.Combine(Upper(plan), "workspace"), ids.OnHost(plan.User));
        }
    }

    private static void FillHostRoot(string root, SandboxPlan plan, SandboxIds ids)
    {
        foreach (string name in Plain)
        {
            Make(Path.Combine(root, name), ids.OnHost(0));
        }

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
        foreach ((string name, string text) in HostEtc.Files(plan))
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
