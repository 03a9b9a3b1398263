using System.Globalization;
using Strata.Linux;

namespace Strata.Sandbox;

/// <summary>What the process does that becomes a sandbox's bubblewrap: namespaces for users and mounts, and in a place of its own the parts of the root.</summary>
internal static class MakingScript
{
    internal const string Root = "/root";
    internal const string Workspace = "/workspace";
    internal const string Usr = "/usr";
    internal const string Channel = "/channel";

    internal const int Gate = CallScript.FirstDescriptor;
    internal const int Init = Gate + 1;
    internal const int Filter = Gate + 2;

    /// <summary>The number on which bubblewrap says, piece by piece, who the first process is.</summary>
    internal const int Status = Gate + 3;

    /// <summary>The number on which the process asks for its users, and <see cref="ScriptProgram.Init"/> says that it runs.</summary>
    internal const int Ready = Gate + 4;

    /// <summary>The number of the namespace by which mounts show what is on disk as the sandbox's own, where that is so.</summary>
    internal const int Mapping = Gate + 5;

    internal const string Disk = "/disk";
    private const string Layers = "/layer";
    private const string Shown = "/shown";
    private const int FirstFree = 3;

    // Of a shell's files there are three at once at most: a command, its input and the variables of a shell before; beside them may be the certificates that programs trust.
    private const int MaxPlaceBytes = 5 << 20;

    // Somewhere to put the parts of the root where nothing is that they are made of; hidden beneath in the sandbox's own mount namespace alone.
    private static readonly string[] Places = ["/mnt", "/media", "/srv", "/opt", "/tmp", "/home"];

    /// <summary>The most layers an image has.</summary>
    internal const int MaxLayers = 64;

    /// <summary>A directory of this host that holds nothing of some paths.</summary>
    internal static string PlaceApartFrom(IEnumerable<string> paths) =>
        Places.FirstOrDefault(place => Directory.Exists(place) && !paths.Any(path => path == place || path.StartsWith(place + "/", StringComparison.Ordinal)))
        ?? throw new SandboxException(Ipc.ErrorCode.Unavailable, SandboxReasons.SandboxUnavailable, $"there is none of the directories {string.Join(", ", Places)} without anything of the sandbox in it; make one, for example /mnt.");

    /// <summary>The script.</summary>
    /// <param name="plan">The sandbox.</param>
    /// <param name="ids">Who is inside.</param>
    /// <param name="place">From <see cref="PlaceApartFrom"/>.</param>
    /// <param name="bubblewrap">The program.</param>
    internal static CallScript Of(SandboxPlan plan, SandboxIds ids, string place, string bubblewrap)
    {
        var script = new CallScript();
        script.EndWithParent();
        script.NewSession(); // Who asks the service and its process group to end leaves the service time to finish what runs inside.
        script.SetCreationMask(0);
        if (ids.IsSingle)
        {
            BecomeRootInside(script, forgetsGroups: false);
            MountParts(script, plan, ids, place);
        }
        else
        {
            // The host's root may mount what a user namespace may not, and reach what its ids may not.
            MountParts(script, plan, ids, place);
            if (ids.IsApart)
            {
                script.Close(Mapping);
            }

            BecomeRootInside(script, forgetsGroups: true);
        }

        script.Close(Gate);
        script.SetCreationMask(0x12);
        script.Execute([bubblewrap], [.. BubblewrapArguments.Of(plan, ids, place, Path.Exists)], []);
        return script;
    }

    /// <summary>Whether a call was that which mounts the overlay of a sandbox's root.</summary>
    internal static bool IsOverlay(SandboxPlan plan, string place, string call) => plan.NeedsOverlay && call == $"mount({place}{Root})";

    private static void BecomeRootInside(CallScript script, bool forgetsGroups)
    {
        script.Unshare(NamespaceKinds.Users);
        script.Tell(Ready);
        script.Await(Gate);
        if (forgetsGroups)
        {
            script.LeaveGroups();
        }

        script.BecomeUser(0);
        script.EndWithParent(); // Another user has to ask for it again.
    }

    private static void MountParts(CallScript script, SandboxPlan plan, SandboxIds ids, string place)
    {
        script.Unshare(NamespaceKinds.Mounts);
        script.Mount("none", "/", null, MountKinds.Recursive | MountKinds.Private);
        script.Mount("tmpfs", place, "tmpfs", MountKinds.NoSetUserId | MountKinds.NoDevices, string.Create(CultureInfo.InvariantCulture, $"mode=0755,size={MaxPlaceBytes}"));
        script.MakeDirectory(place + Root, 0x1ED);
        if (plan.NeedsOverlay)
        {
            MountOverlay(script, plan, ids, place);
        }
        else
        {
            Show(script, ids, SandboxRoot.Upper(plan), place + Root);
        }

        if (plan.Layers.Count == 0)
        {
            script.MakeDirectory(place + Usr, 0x1ED);
            Bind(script, "/usr", place + Usr);
        }

        if (plan.WorkspaceDirectory is { } workspace)
        {
            script.MakeDirectory(place + Workspace, 0x1ED);
            Show(script, ids, workspace, place + Workspace);
        }

        if (plan.HasChannel)
        {
            script.MakeDirectory(place + Channel, 0x1ED);
        }
    }

    // The layers get short names without any of the signs that mean something in the options of an overlay.
    private static void MountOverlay(CallScript script, SandboxPlan plan, SandboxIds ids, string place)
    {
        var lower = new List<string>();
        foreach (string layer in plan.Limits.DiskBytes is null ? plan.Lower : [SandboxRoot.Upper(plan), .. plan.Lower])
        {
            string name = string.Create(CultureInfo.InvariantCulture, $"{place}{Layers}{lower.Count}");
            script.MakeDirectory(name, 0x1ED);
            Show(script, ids, layer, name);
            lower.Add(name);
        }

        string disk = place + Disk;
        script.MakeDirectory(disk, 0x1ED);
        if (plan.Limits.DiskBytes is { } bytes)
        {
            MountQuota(script, ids, disk, bytes);
            if (ids.IsApart)
            {
                // What is kept of it has the ids of what is on disk.
                script.MakeDirectory(place + Shown, 0x1ED);
                Show(script, ids, disk, place + Shown);
                disk = place + Shown;
            }
        }
        else
        {
            Show(script, ids, plan.ChangesDirectory, disk);
        }

        string options = $"lowerdir={string.Join(':', lower)},upperdir={disk}/upper,workdir={disk}/work{(ids.IsSingle ? ",userxattr" : "")}";
        script.Mount("overlay", place + Root, "overlay", MountKinds.NoSetUserId | MountKinds.NoDevices, options);
    }

    // A file system in memory is the one quota that every kernel enforces for everybody. What is changed beneath it ends with the sandbox.
    private static void MountQuota(CallScript script, SandboxIds ids, string target, long bytes)
    {
        script.Mount("tmpfs", target, "tmpfs", MountKinds.NoSetUserId | MountKinds.NoDevices, string.Create(CultureInfo.InvariantCulture, $"mode=0755,size={bytes}"));
        foreach (string name in new[] { "/upper", "/work" })
        {
            script.MakeDirectory(target + name, 0x1ED);
            if (!ids.IsSingle)
            {
                script.Give(target + name, SandboxIds.FirstOnDisk);
            }
        }
    }

    // What is on disk, as this sandbox's own.
    private static void Show(CallScript script, SandboxIds ids, string source, string target)
    {
        if (ids.IsApart)
        {
            script.MountWithIds(source, target, Mapping, FirstFree);
        }
        else
        {
            Bind(script, source, target);
        }
    }

    private static void Bind(CallScript script, string source, string target) => script.Mount(source, target, null, MountKinds.Bind | MountKinds.Recursive);
}
