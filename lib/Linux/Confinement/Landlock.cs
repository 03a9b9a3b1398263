using Strata.Linux.Interop;

namespace Strata.Linux;

/// <summary>Builds what Landlock allows a child to do with files and with processes of others.</summary>
public static unsafe class Landlock
{
    private const ulong Execute = 1 << 0;
    private const ulong WriteFile = 1 << 1;
    private const ulong ReadFile = 1 << 2;
    private const ulong ReadDirectory = 1 << 3;
    private const ulong Refer = 1 << 13;
    private const ulong Truncate = 1 << 14;
    private const ulong FirstThirteen = (1 << 13) - 1;
    private const ulong OfFiles = Execute | WriteFile | ReadFile | Truncate;
    private const ulong ScopeAbstractSockets = 1;
    private const ulong ScopeSignals = 2;
    private const nint AskVersion = 1;
    private const nint AskErrata = 2;
    private const int SignalErratum = 2;
    private const int RulePathBeneath = 1;

    // What nearly every program opens to run at all: the distribution's programs and libraries, and what the C library and runtimes look up.
    // No other file of /etc, no home, no state. What is missing on a machine is left out. On NixOS all programs and libraries are in its store, for everybody to read.
    private static readonly string[] SystemPrograms = ["/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/nix/store"];

    private static readonly string[] SystemFiles =
    [
        "/proc", "/sys/fs/cgroup", "/sys/devices/system/cpu", "/sys/kernel/mm", "/etc/ld.so.cache", "/etc/ld.so.preload", "/etc/localtime", "/etc/passwd",
        "/etc/group", "/etc/nsswitch.conf", "/etc/host.conf", "/etc/hosts", "/etc/resolv.conf", "/etc/gai.conf", "/etc/services", "/etc/alternatives",
        "/etc/ssl/certs", "/etc/dotnet",
    ];

    private static readonly string[] SystemDevices = ["/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom"];

    /// <summary>The kernel's version of Landlock, 0 when it has none or it is switched off.</summary>
    public static int Version { get; } = Math.Max(0, Libc.Result(Libc.syscall(Libc.SYS_landlock_create_ruleset, 0, 0, AskVersion, 0)));

    /// <summary>Whether signals can be kept to what a process has started. Before an erratum was mended, a thread kept so could not even signal the other threads of its process, which a runtime does.</summary>
    public static bool CanScope { get; } =
        Version >= 6 && (Math.Max(0, Libc.Result(Libc.syscall(Libc.SYS_landlock_create_ruleset, 0, 0, AskErrata, 0))) & SignalErratum) != 0;

    /// <summary>Makes a set of rules that leaves files and mounts alone: no signal to and no look into any process from outside, no abstract socket there.</summary>
    /// <exception cref="ConfinementException">The kernel cannot.</exception>
    internal static FileDescriptor CreateScope()
    {
        const string field = "confinement.processes";
        if (!CanScope)
        {
            throw new ConfinementException(field, "this kernel cannot keep a service to its own processes: that takes version 6 of Landlock (Linux 6.12), and lsm= of its command line must not leave it out; leave processes out");
        }

        var attributes = new Libc.LandlockRuleset { Scoped = ScopeSignals | ScopeAbstractSockets };
        int result = Libc.Result(Libc.syscall(Libc.SYS_landlock_create_ruleset, (nint)(&attributes), sizeof(Libc.LandlockRuleset), 0, 0));
        return new FileDescriptor(result >= 0 ? result : throw ConfinementException.Refused(field, "landlock_create_ruleset", result));
    }

    /// <summary>Makes a set of rules; it binds nobody until a thread restricts itself.</summary>
    /// <param name="rules">The manifest's paths.</param>
    /// <param name="program">The program to be run, which may be executed wherever it lies.</param>
    /// <exception cref="ConfinementException">The kernel has no Landlock, or a path is not there.</exception>
    internal static FileDescriptor Create(FileRules rules, string program)
    {
        string asking = rules.Read.Count > 0 ? "confinement.read" : rules.Write.Count > 0 ? "confinement.write" : "confinement.execute";
        if (Version == 0)
        {
            throw new ConfinementException(asking, "this kernel has no Landlock, or it is switched off (see lsm= of its command line), so paths cannot be confined: leave read, write and execute out");
        }

        var attributes = new Libc.LandlockRuleset { Files = Handled, Scoped = CanScope ? ScopeSignals : 0 };
        nint size = Version >= 6 ? sizeof(Libc.LandlockRuleset) : sizeof(ulong);
        int result = Libc.Result(Libc.syscall(Libc.SYS_landlock_create_ruleset, (nint)(&attributes), size, 0, 0));
        var ruleset = new FileDescriptor(result >= 0 ? result : throw ConfinementException.Refused(asking, "landlock_create_ruleset", result));
        try
        {
            Fill(ruleset, rules, program);
            return ruleset;
        }
        catch
        {
            ruleset.Dispose();
            throw;
        }
    }

    /// <summary>Allows everything beneath a directory that the calling thread sees, except to execute. For a mount made after the rules.</summary>
    internal static int AllowWrite(int ruleset, byte* path) => Allow(ruleset, path, Handled & ~Execute);

    /// <summary>Restricts the calling thread and what it starts.</summary>
    internal static int Restrict(int ruleset) => Libc.Result(Libc.syscall(Libc.SYS_landlock_restrict_self, ruleset, 0, 0, 0));

    private static ulong Handled => FirstThirteen | (Version >= 2 ? Refer : 0) | (Version >= 3 ? Truncate : 0);

    private static void Fill(FileDescriptor ruleset, FileRules rules, string program)
    {
        const ulong read = ReadFile | ReadDirectory;
        Array.ForEach(SystemPrograms, path => _ = TryAllow(ruleset, path, read | Execute));
        Array.ForEach(SystemFiles, path => _ = TryAllow(ruleset, path, read));
        Array.ForEach(SystemDevices, path => _ = TryAllow(ruleset, path, ReadFile | WriteFile));
        _ = TryAllow(ruleset, program, read | Execute);
        Require(ruleset, "confinement.read", rules.Read, read);
        Require(ruleset, "confinement.write", rules.Write, Handled & ~Execute);
        Require(ruleset, "confinement.execute", rules.Execute, read | Execute);
    }

    private static void Require(FileDescriptor ruleset, string field, IReadOnlyList<string> paths, ulong rights)
    {
        foreach (string path in paths)
        {
            int result = TryAllow(ruleset, path, rights);
            if (result < 0)
            {
                throw new ConfinementException(field, $"{new LinuxException(result, "landlock_add_rule", path).Message}; every path must exist when the service starts");
            }
        }
    }

    private static int TryAllow(FileDescriptor ruleset, string path, ulong rights)
    {
        fixed (byte* text = Libc.CString(path))
        {
            return Allow(ruleset.Number, text, rights);
        }
    }

    private static int Allow(int ruleset, byte* path, ulong rights)
    {
        int place = Libc.Result(Libc.openat(Libc.AT_FDCWD, path, Libc.O_PATH | Libc.O_CLOEXEC, 0));
        if (place < 0)
        {
            return place;
        }

        int result = AllowOpened(ruleset, place, rights);
        if (result == -Errno.EINVAL)
        {
            // Rights that only directories have are an error for anything else.
            result = AllowOpened(ruleset, place, rights & OfFiles);
        }

        _ = Libc.close(place);
        return result;
    }

    private static int AllowOpened(int ruleset, int place, ulong rights)
    {
        var rule = new Libc.LandlockPath { Allowed = rights & Handled, Parent = place };
        return Libc.Result(Libc.syscall(Libc.SYS_landlock_add_rule, ruleset, RulePathBeneath, (nint)(&rule), 0));
    }
}
