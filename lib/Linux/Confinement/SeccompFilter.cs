using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Strata.Linux.Interop;

namespace Strata.Linux;

/// <summary>Translates a <see cref="SeccompProfile"/> into the kernel's instructions, once a profile.</summary>
public static unsafe class SeccompFilter
{
    /// <summary>The most instructions the kernel takes.</summary>
    internal const int MaxInstructions = 4096;

    private const ulong UnixFamily = 1;
    private const uint NumberOfClone3 = 435; // The same on every architecture.

    private static readonly Lock Guard = new();
    private static readonly Lazy<bool> Available = new(() => KernelHasFilters() && CanBuild());
    private static readonly Dictionary<SeccompProfile, Libc.FilterInstruction[]> Built = [];

    // CLONE_NEWTIME is not among them: in clone its bit belongs to the exit signal.
    private static readonly ulong[] NamespaceFlags = [0x00020000, 0x02000000, 0x04000000, 0x08000000, 0x10000000, 0x20000000, 0x40000000];

    /// <summary>What <see cref="SeccompProfile.Default"/> denies with EPERM: other processes' memory, the kernel's own code, keys and clock, mounts and
    /// namespaces, and interfaces whose only use for a service would be an attack. io_uring is here because it does what other filtered calls would do.</summary>
    public static ImmutableArray<string> DeniedCalls { get; } =
    [
        "ptrace", "process_vm_readv", "process_vm_writev", "process_madvise", "kcmp", "pidfd_getfd",
        "kexec_load", "kexec_file_load", "init_module", "finit_module", "delete_module", "create_module", "query_module", "get_kernel_syms",
        "bpf", "perf_event_open", "userfaultfd", "io_uring_setup", "io_uring_enter", "io_uring_register",
        "keyctl", "add_key", "request_key", "lookup_dcookie", "syslog", "acct", "quotactl", "quotactl_fd", "nfsservctl", "vmsplice",
        "mount", "umount", "umount2", "pivot_root", "chroot", "move_mount", "open_tree", "fsopen", "fsconfig", "fsmount", "fspick", "mount_setattr",
        "unshare", "setns", "open_by_handle_at", "name_to_handle_at",
        "settimeofday", "stime", "clock_settime", "clock_adjtime", "adjtimex", "reboot", "swapon", "swapoff", "sethostname", "setdomainname",
        "iopl", "ioperm", "vhangup", "uselib", "ustat", "sysfs", "_sysctl", "modify_ldt", "vm86", "vm86old", "fanotify_init",
    ];

    /// <summary>What <see cref="SeccompProfile.Namespaces"/> leaves of them: what sandboxes are made with, and how programs in them are debugged.</summary>
    public static ImmutableArray<string> CallsOfSandboxes { get; } =
    [
        "mount", "umount", "umount2", "pivot_root", "chroot", "move_mount", "open_tree", "fsopen", "fsconfig", "fsmount", "fspick", "mount_setattr",
        "unshare", "setns", "sethostname", "setdomainname", "ptrace", "process_vm_readv", "process_vm_writev", "process_madvise",
    ];

    /// <summary>The version of libseccomp; null when it is not installed.</summary>
    public static string? LibraryVersion
    {
        get
        {
            try
            {
                var release = Libseccomp.seccomp_version();
                return string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{release->Major}.{release->Minor}.{release->Micro}");
            }
            catch (Exception e) when (e is DllNotFoundException or EntryPointNotFoundException or BadImageFormatException)
            {
                return null;
            }
        }
    }

    /// <summary>Whether the kernel has filters of system calls and libseccomp is there to write them.</summary>
    public static bool IsAvailable => Available.Value;

    /// <summary>
    /// Answers clone3 with ENOSYS: it keeps its flags in memory, where no filter can look, and the C library falls back to clone. A filter of its own,
    /// for the kernel records what a filter denies or does not, as a whole, and every new thread is no news.
    /// </summary>
    internal static Libc.FilterInstruction[] Quiet { get; } =
    [
        new(0x20, 0, 0, 4), new(0x15, 0, 3, Libc.AuditArchitecture), new(0x20, 0, 0, 0), new(0x15, 0, 1, NumberOfClone3), new(0x06, 0, 0, Libseccomp.Fail(Errno.ENOSYS)),
        new(0x06, 0, 0, Libseccomp.Allow),
    ];

    /// <summary>The name of a call of this machine by its number.</summary>
    internal static string NameOf(int number)
    {
        try
        {
            byte* name = Libseccomp.seccomp_syscall_resolve_num_arch(0, number);
            string text = Marshal.PtrToStringUTF8((nint)name) ?? number.ToString(System.Globalization.CultureInfo.InvariantCulture);
            NativeMemory.Free(name);
            return text;
        }
        catch (DllNotFoundException)
        {
            return number.ToString(System.Globalization.CultureInfo.InvariantCulture);
        }
    }

    /// <summary>The instructions of a profile.</summary>
    /// <exception cref="ConfinementException">libseccomp is not installed, or refused.</exception>
    internal static Libc.FilterInstruction[] Of(SeccompProfile profile)
    {
        lock (Guard)
        {
            return Built.TryGetValue(profile, out var program) ? program : Built[profile] = Build(profile);
        }
    }

    // Asked of the kernel itself: the file that tells of it is out of sight for a unit with ProcSubset=pid.
    private static bool KernelHasFilters()
    {
        // Without an error number: the kernel compares the whole word.
        uint action = Libseccomp.Fail(0);
        return Libc.Result(Libc.syscall(Libc.SYS_seccomp, Libc.SECCOMP_GET_ACTION_AVAIL, 0, (nint)(&action), 0)) == 0;
    }

    private static bool CanBuild()
    {
        try
        {
            return Of(SeccompProfile.Default).Length > 0;
        }
        catch (ConfinementException)
        {
            return false;
        }
    }

    private static Libc.FilterInstruction[] Build(SeccompProfile profile)
    {
        try
        {
            void* filter = Libseccomp.seccomp_init(Libseccomp.Allow);
            try
            {
                AddDefault(filter, profile == SeccompProfile.Namespaces);
                if (profile == SeccompProfile.Strict)
                {
                    AddStrict(filter);
                }

                return Export(filter);
            }
            finally
            {
                Libseccomp.seccomp_release(filter);
            }
        }
        catch (DllNotFoundException)
        {
            throw new ConfinementException("confinement.seccomp", "libseccomp.so.2 is not installed; install libseccomp2, or choose \"none\"");
        }
    }

    private static void AddDefault(void* filter, bool allowsSandboxes)
    {
        foreach (string call in allowsSandboxes ? DeniedCalls.RemoveRange(CallsOfSandboxes) : DeniedCalls)
        {
            Deny(filter, call, Errno.EPERM);
        }

        // A namespace may also be asked for when a process is made; see Quiet for clone3.
        foreach (ulong flag in allowsSandboxes ? [] : NamespaceFlags)
        {
            Deny(filter, "clone", Errno.EPERM, new Libseccomp.Comparison { Operator = Libseccomp.MaskedEqual, A = flag, B = flag });
        }
    }

    private static void AddStrict(void* filter)
    {
        var notUnix = new Libseccomp.Comparison { Operator = Libseccomp.NotEqual, A = UnixFamily };
        Deny(filter, "socket", Errno.EPERM, notUnix);
        Deny(filter, "socketpair", Errno.EPERM, notUnix);
    }

    private static void Deny(void* filter, string call, int errno, params ReadOnlySpan<Libseccomp.Comparison> comparisons)
    {
        fixed (byte* name = Libc.CString(call))
        fixed (Libseccomp.Comparison* compared = comparisons)
        {
            int number = Libseccomp.seccomp_syscall_resolve_name(name);
            if (number < 0)
            {
                return; // This architecture has no such call, or the library is older than it: then the kernel's is as unknown to programs built for it.
            }

            int result = Libseccomp.seccomp_rule_add_array(filter, Libseccomp.Fail(errno), number, (uint)comparisons.Length, compared);
            if (result < 0)
            {
                throw ConfinementException.Refused("confinement.seccomp", $"seccomp_rule_add({call})", result);
            }
        }
    }

    private static Libc.FilterInstruction[] Export(void* filter)
    {
        // A pipe holds 64 KiB; the kernel takes no more than half of that as a filter.
        using var pipe = Pipe.Create();
        int result = Libseccomp.seccomp_export_bpf(filter, pipe.Writer.Number);
        if (result < 0)
        {
            throw ConfinementException.Refused("confinement.seccomp", "seccomp_export_bpf", result);
        }

        byte[] bytes = new byte[MaxInstructions * sizeof(Libc.FilterInstruction)];
        int read = LinuxException.Check(Descriptors.TryRead(pipe.Reader.Number, bytes), "read");
        return MemoryMarshal.Cast<byte, Libc.FilterInstruction>(bytes.AsSpan(0, read)).ToArray();
    }
}
