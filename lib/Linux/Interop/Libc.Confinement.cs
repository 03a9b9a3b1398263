using System.Runtime.InteropServices;

namespace Strata.Linux.Interop;

/// <summary>What limits the calling thread and whatever it starts. Called by number where glibc's wrapper would change every thread of the process.</summary>
internal static unsafe partial class Libc
{
    internal const nint SYS_landlock_create_ruleset = 444;
    internal const nint SYS_landlock_add_rule = 445;
    internal const nint SYS_landlock_restrict_self = 446;

    internal const int PR_CAPBSET_READ = 23;
    internal const int PR_CAPBSET_DROP = 24;
    internal const int PR_CAP_AMBIENT = 47;
    internal const int PR_CAP_AMBIENT_RAISE = 2;
    internal const int PR_CAP_AMBIENT_CLEAR_ALL = 4;
    internal const int CLONE_NEWNS = 0x00020000;
    internal const int CLONE_NEWNET = 0x40000000;
    internal const nuint MS_NOSUID = 2;
    internal const nuint MS_NODEV = 4;
    internal const nuint MS_BIND = 4096;
    internal const nuint MS_REC = 16384;
    internal const nuint MS_PRIVATE = 1 << 18;
    internal const nint SECCOMP_SET_MODE_FILTER = 1;
    internal const nint SECCOMP_GET_ACTION_AVAIL = 2;
    internal const nint SECCOMP_FILTER_FLAG_LOG = 2;
    internal const nint SECCOMP_FILTER_FLAG_NEW_LISTENER = 8;

    internal static nint SYS_setresuid => IsArm64 ? 147 : 117;

    internal static nint SYS_setresgid => IsArm64 ? 149 : 119;

    internal static nint SYS_setgroups => IsArm64 ? 159 : 116;

    internal static nint SYS_capget => IsArm64 ? 90 : 125;

    internal static nint SYS_capset => IsArm64 ? 91 : 126;

    internal static nint SYS_seccomp => IsArm64 ? 277 : 317;

    internal static uint AuditArchitecture => IsArm64 ? 0xC00000B7 : 0xC000003E;

    internal static uint NumberOfExecve => IsArm64 ? 221u : 59;

    internal static uint NumberOfExecveat => IsArm64 ? 281u : 322;

    internal static uint NumberOfFchdir => IsArm64 ? 50u : 81;

    /// <summary>One instruction of a socket filter (struct sock_filter).</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal readonly record struct FilterInstruction(ushort Code, byte JumpTrue, byte JumpFalse, uint Value);

    /// <summary>struct sock_fprog.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct FilterProgram
    {
        internal ushort Length;
        internal FilterInstruction* Instructions;
    }

    /// <summary>struct seccomp_notif; the kernel wants it zeroed.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 80)]
    internal struct SeccompNotification
    {
        [FieldOffset(0)] internal ulong Id;
        [FieldOffset(8)] internal int Pid;
    }

    /// <summary>struct seccomp_notif_resp.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct SeccompResponse
    {
        internal ulong Id;
        internal long Value;
        internal int Error;
        internal uint Flags;
    }

    /// <summary>struct __user_cap_header_struct; version 3 means two data blocks follow.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct CapabilityHeader
    {
        internal uint Version;
        internal int Pid;
    }

    /// <summary>Both blocks of struct __user_cap_data_struct.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct CapabilityData
    {
        internal uint Effective0;
        internal uint Permitted0;
        internal uint Inheritable0;
        internal uint Effective1;
        internal uint Permitted1;
        internal uint Inheritable1;
    }

    /// <summary>struct landlock_ruleset_attr; the size given tells the kernel which fields there are.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct LandlockRuleset
    {
        internal ulong Files;
        internal ulong Network;
        internal ulong Scoped;
    }

    /// <summary>struct landlock_path_beneath_attr, which is packed.</summary>
    [StructLayout(LayoutKind.Sequential, Pack = 1)]
    internal struct LandlockPath
    {
        internal ulong Allowed;
        internal int Parent;
    }

    /// <summary>syscall(2) is variadic; see <see cref="fcntl"/> for why this signature holds. It acts on the calling thread alone.</summary>
    [LibraryImport(Library, SetLastError = true)]
    internal static partial nint syscall(nint number, nint a, nint b, nint c, nint d);

    /// <summary>dup3(2): closes the target first.</summary>
    [LibraryImport(Library, SetLastError = true)]
    internal static partial int dup3(int fd, int target, int flags);

    /// <summary>ioctl(2).</summary>
    [LibraryImport(Library, SetLastError = true)]
    internal static partial int ioctl(int fd, nuint request, void* argument);

    /// <summary>unshare(2): gives the calling thread a namespace of its own; a mount namespace brings a working directory of its own.</summary>
    [LibraryImport(Library, SetLastError = true)]
    internal static partial int unshare(int flags);

    /// <summary>mount(2), in the calling thread's mount namespace.</summary>
    [LibraryImport(Library, SetLastError = true)]
    internal static partial int mount(byte* source, byte* target, byte* type, nuint flags, byte* data);
}
