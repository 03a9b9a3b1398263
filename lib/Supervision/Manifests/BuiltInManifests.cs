using System.Collections.Immutable;

namespace Strata.Supervision;

/// <summary>
/// The services every node has, and those it has when it is told to, declared like anybody's: the files in BuiltIn beside this one say the same, and a test
/// compares. A node without manifests of its own so starts without reading any.
/// </summary>
public static class BuiltInManifests
{
    // They are Unix-socket servers and nothing else: no other program, no other socket, no file but their own.
    private static readonly ConfinementPolicy Confined = new()
    {
        Seccomp = SeccompMode.Strict, Execute = [PathVariables.ProgramDir], Write = [PathVariables.StateDir + "/audit"], BestEffort = true,
    };

    // Long enough that a machine under load does not kill a healthy service, short enough that a person waits for it.
    private static readonly WatchdogPolicy Watchdog = new() { Interval = TimeSpan.FromSeconds(10) };

    // An emulated or overloaded machine takes many times as long as others; killed before they are ready, they would only begin anew.
    private static readonly ReadinessPolicy Patient = new() { Timeout = TimeSpan.FromSeconds(30) };

    // Entries in memory, and a directory with one writer: two instances at once would disagree.
    private static readonly SocketPolicy Alone = new() { Rolling = false };

    /// <summary>Who serves what, where.</summary>
    public static ServiceManifest Registry { get; } = new()
    {
        Name = NodePlan.RegistryName, Description = "who serves what, where", Program = "registry", Socket = Alone, Readiness = Patient, Watchdog = Watchdog, Confinement = Confined,
        Offers = ["registry.register"],
    };

    /// <summary>Issues and revokes capabilities.</summary>
    public static ServiceManifest Identity { get; } = new()
    {
        Name = "identity", Description = "issues and revokes capabilities", Program = "identity", Socket = Alone, Readiness = Patient, Watchdog = Watchdog,
        Confinement = Confined with { Write = [.. Confined.Write, PathVariables.StateDir + "/identity", PathVariables.RuntimeDir + "/identity.pub"] },
        Offers = ["identity.issue", "identity.revoke", "identity.watch"],
    };

    /// <summary>Files beneath a prefix; verifies with identity's key and therefore requires it.</summary>
    public static ServiceManifest Fs { get; } = new()
    {
        Name = "fs", Description = "files beneath a prefix", Program = "fs", Requires = ["identity"], Readiness = Patient, Watchdog = Watchdog,
        // Its roots; an operator narrows them. Beside its own sums it changes nothing but beneath those that STRATA_FS_ROOTS names to be written.
        Confinement = Confined with { Read = ["/"], Write = [.. Confined.Write, PathVariables.StateDir + "/fs"] },
        Offers =
        [
            "fs.open", "fs.read", "fs.list", "fs.stat", "fs.write", "fs.truncate", "fs.sync", "fs.mkdir", "fs.rename", "fs.remove", "fs.remove_tree",
            "fs.chmod", "fs.copy", "fs.link", "fs.write_atomic", "fs.hash", "fs.download", "fs.upload", "fs.find", "fs.watch", "fs.open_fd",
        ],
    };

    // Users and groups of sandboxes, their files, their mounts. What is done inside, whoever made a user namespace may without any of these.
    private static readonly ConfinementPolicy OfSandboxes = new()
    {
        Seccomp = SeccompMode.Namespaces, Processes = ProcessReach.Own, BestEffort = true,
        KeepCapabilities = ["CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_FOWNER", "CAP_FSETID", "CAP_SETFCAP", "CAP_SETGID", "CAP_SETUID", "CAP_SYS_ADMIN"],
    };

    /// <summary>Sessions in isolation. It mounts, which Landlock's rules for paths forbid whoever has any; what confines the programs in its sandboxes is its own work.</summary>
    public static ServiceManifest Sandbox { get; } = new()
    {
        Name = "sandbox", Description = "isolated sessions for programs that are not trusted", Program = "sandbox", Requires = ["identity"], Socket = Alone, Watchdog = Watchdog,
        Confinement = OfSandboxes,
        // It is ready once the sessions of an earlier process are there again, some milliseconds each.
        Readiness = new ReadinessPolicy { Timeout = TimeSpan.FromMinutes(2) },
        Offers =
        [
            "sandbox.create", "sandbox.list_all", "sandbox.exec", "sandbox.shell", "sandbox.read", "sandbox.write", "sandbox.workspace", "sandbox.snapshot", "sandbox.expose",
        ],
    };

    /// <summary>Those that every node has.</summary>
    public static ImmutableArray<ServiceManifest> All { get; } = [Registry, Identity, Fs];

    /// <summary>Those that a node has when a file of their name is among its manifests.</summary>
    public static ImmutableArray<ServiceManifest> Optional { get; } = [Sandbox];

    /// <summary>The one of this name, whether or not every node has it; null for none.</summary>
    public static ServiceManifest? Find(string name) => All.Concat(Optional).FirstOrDefault(m => m.Name == name);
}
