using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Strata.Linux.Interop;

namespace Strata.Linux;

/// <summary>
/// The system calls of programs in a sandbox: what the kernel had up to a version that was looked through, but for what is dangerous there. Calls that
/// came later do not exist in it (ENOSYS), nor does any other ABI of the machine: whoever uses one is killed.
/// </summary>
public static unsafe class SandboxFilter
{
    private const int LastKnownCall = 466; // removexattrat, kernel 6.13.
    private const uint NumberOfClone3 = 435;
    private const uint ForeignAbiBit = 0x40000000;
    private const uint KillProcess = 0x80000000;
    private const uint TerminalInput = 0x5412; // TIOCSTI: types into the terminal for its reader.
    private const uint ConsoleInput = 0x541C; // TIOCLINUX: the same on a console.
    private const uint NamespaceFlags = 0x20000 | 0x2000000 | 0x4000000 | 0x8000000 | 0x10000000 | 0x20000000 | 0x40000000;

    private const ushort Load = 0x20;
    private const ushort JumpIfEqual = 0x15;
    private const ushort JumpIfGreater = 0x25;
    private const ushort JumpIfAny = 0x45;
    private const ushort Return = 0x06;

    // Unix, IPv4, IPv6 and netlink, which tells programs of their interfaces. Not among them: AF_VSOCK, which reaches the machine's host whatever the network namespace; AF_ALG.
    private static readonly uint[] Families = [1, 2, 10, 16];

    /// <summary>Denied with EPERM always.</summary>
    public static ImmutableArray<string> DeniedCalls { get; } =
    [
        "move_mount", "open_tree", "open_tree_attr", "fsopen", "fsconfig", "fsmount", "fspick", "mount_setattr",
        "io_uring_setup", "io_uring_enter", "io_uring_register", "keyctl", "add_key", "request_key", "userfaultfd", "bpf", "perf_event_open",
        "kexec_load", "kexec_file_load", "init_module", "finit_module", "delete_module", "create_module", "query_module", "get_kernel_syms",
        "open_by_handle_at", "name_to_handle_at", "quotactl", "quotactl_fd", "nfsservctl", "lookup_dcookie", "syslog", "acct", "fanotify_init",
        "settimeofday", "stime", "clock_settime", "clock_adjtime", "adjtimex", "reboot", "swapon", "swapoff",
        "iopl", "ioperm", "vhangup", "uselib", "ustat", "sysfs", "_sysctl", "modify_ldt", "vm86", "vm86old", "vmsplice", "kcmp", "pidfd_getfd",
    ];

    /// <summary>Denied with EPERM unless the sandbox may make user namespaces.</summary>
    public static ImmutableArray<string> NamespaceCalls { get; } =
        ["unshare", "setns", "mount", "umount", "umount2", "pivot_root", "chroot", "sethostname", "setdomainname"];

    /// <summary>The instructions as the kernel takes them.</summary>
    /// <param name="allowsUserNamespaces">Whether programs may make namespaces and mount in them.</param>
    /// <exception cref="ConfinementException">libseccomp, which knows the calls' numbers, is not installed.</exception>
    public static byte[] Build(bool allowsUserNamespaces)
    {
        var denied = DeniedCalls.AddRange(allowsUserNamespaces ? [] : NamespaceCalls).Select(NumberOf).Where(number => number >= 0).Select(number => (uint)number);
        Libc.FilterInstruction[] program =
        [
            new(Load, 0, 0, 4), new(JumpIfEqual, 1, 0, Libc.AuditArchitecture), new(Return, 0, 0, KillProcess),
            new(Load, 0, 0, 0), .. Libc.IsArm64 ? [] : ForeignAbi(),
            new(JumpIfGreater, 0, 1, LastKnownCall), new(Return, 0, 0, Libseccomp.Fail(Errno.ENOSYS)),
            new(JumpIfEqual, 0, 1, NumberOfClone3), new(Return, 0, 0, Libseccomp.Fail(Errno.ENOSYS)), // It keeps its flags in memory, where no filter can look.
            .. denied.SelectMany(Deny),
            .. allowsUserNamespaces ? [] : Clone(),
            .. TerminalControl(), .. Sockets(),
            new(Return, 0, 0, Libseccomp.Allow),
        ];
        return MemoryMarshal.AsBytes(program.AsSpan()).ToArray();
    }

    private static int NumberOf(string call)
    {
        try
        {
            fixed (byte* name = Libc.CString(call))
            {
                return Libseccomp.seccomp_syscall_resolve_name(name); // Negative: this architecture has no such call, or one after the last known.
            }
        }
        catch (DllNotFoundException)
        {
            throw new ConfinementException("seccomp", "libseccomp.so.2 is not installed; install libseccomp2");
        }
    }

    // The ABI with 32-bit pointers has the same architecture and numbers of its own. A tracer's -1, which skips a call, is none of them.
    private static Libc.FilterInstruction[] ForeignAbi() =>
        [new(JumpIfEqual, 2, 0, uint.MaxValue), new(JumpIfAny, 0, 1, ForeignAbiBit), new(Return, 0, 0, KillProcess)];

    private static Libc.FilterInstruction[] Deny(uint number) => [new(JumpIfEqual, 0, 1, number), new(Return, 0, 0, Libseccomp.Fail(Errno.EPERM))];

    private static Libc.FilterInstruction[] Clone() =>
    [
        new(JumpIfEqual, 0, 4, (uint)CallNumbers.Clone), new(Load, 0, 0, 16),
        new(JumpIfAny, 0, 1, NamespaceFlags), new(Return, 0, 0, Libseccomp.Fail(Errno.EPERM)), new(Return, 0, 0, Libseccomp.Allow),
    ];

    // The kernel looks at the lower half of the request alone, and so must this.
    private static Libc.FilterInstruction[] TerminalControl() =>
    [
        new(JumpIfEqual, 0, 5, (uint)CallNumbers.Control), new(Load, 0, 0, 24),
        new(JumpIfEqual, 1, 0, TerminalInput), new(JumpIfEqual, 0, 1, ConsoleInput),
        new(Return, 0, 0, Libseccomp.Fail(Errno.EPERM)), new(Return, 0, 0, Libseccomp.Allow),
    ];

    private static Libc.FilterInstruction[] Sockets() =>
    [
        new(JumpIfEqual, 0, (byte)(Families.Length + 2), (uint)NumberOf("socket")), new(Load, 0, 0, 16),
        .. Families.Select((family, i) => new Libc.FilterInstruction(JumpIfEqual, (byte)(Families.Length - i), 0, family)),
        new(Return, 0, 0, Libseccomp.Fail(Errno.EAFNOSUPPORT)),
    ];
}
