using System.Collections.Immutable;
using Strata.Linux.Interop;

namespace Strata.Linux;

/// <summary>Capabilities of the kernel by name, and those of the calling thread.</summary>
public static unsafe class CapabilitySet
{
    private const uint Version3 = 0x20080522;

    /// <summary>The names in the order of their numbers; capabilities(7) describes each.</summary>
    public static ImmutableArray<string> Names { get; } =
    [
        "CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_DAC_READ_SEARCH", "CAP_FOWNER", "CAP_FSETID", "CAP_KILL", "CAP_SETGID", "CAP_SETUID",
        "CAP_SETPCAP", "CAP_LINUX_IMMUTABLE", "CAP_NET_BIND_SERVICE", "CAP_NET_BROADCAST", "CAP_NET_ADMIN", "CAP_NET_RAW",
        "CAP_IPC_LOCK", "CAP_IPC_OWNER", "CAP_SYS_MODULE", "CAP_SYS_RAWIO", "CAP_SYS_CHROOT", "CAP_SYS_PTRACE", "CAP_SYS_PACCT",
        "CAP_SYS_ADMIN", "CAP_SYS_BOOT", "CAP_SYS_NICE", "CAP_SYS_RESOURCE", "CAP_SYS_TIME", "CAP_SYS_TTY_CONFIG", "CAP_MKNOD",
        "CAP_LEASE", "CAP_AUDIT_WRITE", "CAP_AUDIT_CONTROL", "CAP_SETFCAP", "CAP_MAC_OVERRIDE", "CAP_MAC_ADMIN", "CAP_SYSLOG",
        "CAP_WAKE_ALARM", "CAP_BLOCK_SUSPEND", "CAP_AUDIT_READ", "CAP_PERFMON", "CAP_BPF", "CAP_CHECKPOINT_RESTORE",
    ];

    /// <summary>The names as a mask of bits.</summary>
    /// <exception cref="ConfinementException">A name is unknown.</exception>
    internal static ulong MaskOf(IEnumerable<string> names)
    {
        ulong mask = 0;
        foreach (string name in names)
        {
            int number = Names.IndexOf(name);
            mask |= number >= 0 ? 1ul << number : throw new ConfinementException("confinement.keep_capabilities", $"'{name}' is no capability; capabilities(7) lists them");
        }

        return mask;
    }

    /// <summary>Takes all but these from the calling thread's bounding set and makes these inheritable; what is left counts at the next exec.</summary>
    /// <param name="keep">The mask to keep.</param>
    /// <param name="ambient">Whether a program run by another user than root shall have them, too.</param>
    /// <returns>0, or a negated <see cref="Errno"/>.</returns>
    internal static int Restrict(ulong keep, bool ambient)
    {
        // A kernel may know more of them than we do: go on until it says there is no such number.
        for (int number = 0; number < 64; number++)
        {
            int present = Libc.Result(Libc.prctl(Libc.PR_CAPBSET_READ, (nuint)number, 0, 0, 0));
            if (present < 0)
            {
                break;
            }

            if (present == 1 && (keep >> number & 1) == 0)
            {
                int dropped = Libc.Result(Libc.prctl(Libc.PR_CAPBSET_DROP, (nuint)number, 0, 0, 0));
                if (dropped < 0)
                {
                    return dropped;
                }
            }
        }

        int result = SetInheritable(keep);
        return result < 0 ? result : SetAmbient(ambient ? keep : 0);
    }

    /// <summary>Whether this process has a capability, by its name.</summary>
    public static bool Holds(string name) => (Permitted() & MaskOf([name])) != 0;

    /// <summary>The calling thread's permitted capabilities.</summary>
    internal static ulong Permitted()
    {
        var header = new Libc.CapabilityHeader { Version = Version3 };
        Libc.CapabilityData data = default;
        _ = Libc.syscall(Libc.SYS_capget, (nint)(&header), (nint)(&data), 0, 0);
        return data.Permitted0 | (ulong)data.Permitted1 << 32;
    }

    private static int SetInheritable(ulong mask)
    {
        var header = new Libc.CapabilityHeader { Version = Version3 };
        Libc.CapabilityData data = default;
        int result = Libc.Result(Libc.syscall(Libc.SYS_capget, (nint)(&header), (nint)(&data), 0, 0));
        if (result < 0)
        {
            return result;
        }

        (data.Inheritable0, data.Inheritable1) = ((uint)mask, (uint)(mask >> 32));
        return Libc.Result(Libc.syscall(Libc.SYS_capset, (nint)(&header), (nint)(&data), 0, 0));
    }

    private static int SetAmbient(ulong mask)
    {
        int result = Libc.Result(Libc.prctl(Libc.PR_CAP_AMBIENT, Libc.PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0));
        for (int number = 0; number < Names.Length && result >= 0; number++)
        {
            if ((mask >> number & 1) == 1)
            {
                result = Libc.Result(Libc.prctl(Libc.PR_CAP_AMBIENT, Libc.PR_CAP_AMBIENT_RAISE, (nuint)number, 0, 0));
            }
        }

        return result;
    }
}
