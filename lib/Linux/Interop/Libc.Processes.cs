using System.Runtime.InteropServices;

namespace Strata.Linux.Interop;

/// <summary>Processes.</summary>
internal static unsafe partial class Libc
{
    // Numbers above 423 are the same on every architecture.
    internal const nint SYS_pidfd_send_signal = 424;
    internal const nint SYS_pidfd_open = 434;

    internal const short POSIX_SPAWN_SETPGROUP = 0x02;
    internal const short POSIX_SPAWN_SETSIGDEF = 0x04;
    internal const short POSIX_SPAWN_SETSIGMASK = 0x08;
    internal const short POSIX_SPAWN_SETSID = 0x80;

    /// <summary>Room for posix_spawnattr_t (336 bytes in glibc), posix_spawn_file_actions_t (80) and sigset_t (128), with a margin.</summary>
    internal const int OpaqueBytes = 512;

    internal const int P_ALL = 0;
    internal const int P_PID = 1;
    internal const int P_PIDFD = 3;
    internal const int WNOHANG = 1;
    internal const int WEXITED = 4;
    internal const int WNOWAIT = 0x01000000;
    internal const int CLD_EXITED = 1;
    internal const int CLD_DUMPED = 3;

    internal const int PR_SET_PDEATHSIG = 1;
    internal const int PR_SET_DUMPABLE = 4;
    internal const int PR_SET_CHILD_SUBREAPER = 36;
    internal const int PR_GET_CHILD_SUBREAPER = 37;
    internal const int PR_SET_NO_NEW_PRIVS = 38;
    internal const int PR_GET_NO_NEW_PRIVS = 39;
    internal const int PR_GET_DUMPABLE = 3;
    internal const int RLIMIT_NOFILE = 7;

    /// <summary>struct rlimit of a 64-bit machine.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct ResourceLimit
    {
        internal ulong Soft;
        internal ulong Hard;
    }

    /// <summary>siginfo_t as waitid(2) fills it on 64-bit machines.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 128)]
    internal struct SignalInfo
    {
        [FieldOffset(8)] internal int Code;
        [FieldOffset(16)] internal int Pid;
        [FieldOffset(24)] internal int Status;
    }

    /// <summary>posix_spawn(3): answers the error number itself, errno is not used; a failing exec is reported here too. Strings are read before it returns.</summary>
    [LibraryImport(Library)]
    internal static partial int posix_spawn(int* pid, byte* path, byte* actions, byte* attributes, byte** argv, byte** envp);

    /// <summary>The setters below answer an error number. Actions run in the child in the order they were added.</summary>
    [LibraryImport(Library)]
    internal static partial int posix_spawn_file_actions_init(byte* actions);

    /// <summary>Frees what the actions allocated.</summary>
    [LibraryImport(Library)]
    internal static partial int posix_spawn_file_actions_destroy(byte* actions);

    /// <summary>dup2 in the child; the target is not close-on-exec, also when it equals the source.</summary>
    [LibraryImport(Library)]
    internal static partial int posix_spawn_file_actions_adddup2(byte* actions, int fd, int target);

    /// <summary>open in the child; the path is copied.</summary>
    [LibraryImport(Library)]
    internal static partial int posix_spawn_file_actions_addopen(byte* actions, int fd, byte* path, int flags, uint mode);

    /// <summary>glibc 2.34: closes every descriptor from first on.</summary>
    [LibraryImport(Library)]
    internal static partial int posix_spawn_file_actions_addclosefrom_np(byte* actions, int first);

    /// <summary>glibc 2.29: chdir in the child; the path is copied.</summary>
    [LibraryImport(Library)]
    internal static partial int posix_spawn_file_actions_addchdir_np(byte* actions, byte* path);

    /// <summary>Zeroes the attributes.</summary>
    [LibraryImport(Library)]
    internal static partial int posix_spawnattr_init(byte* attributes);

    /// <summary>Which attributes count.</summary>
    [LibraryImport(Library)]
    internal static partial int posix_spawnattr_setflags(byte* attributes, short flags);

    /// <summary>Signals set to their default in the child; ignored ones would otherwise stay ignored.</summary>
    [LibraryImport(Library)]
    internal static partial int posix_spawnattr_setsigdefault(byte* attributes, byte* set);

    /// <summary>The child's signal mask.</summary>
    [LibraryImport(Library)]
    internal static partial int posix_spawnattr_setsigmask(byte* attributes, byte* set);

    /// <summary>sigfillset(3).</summary>
    [LibraryImport(Library)]
    internal static partial int sigfillset(byte* set);

    /// <summary>sigemptyset(3).</summary>
    [LibraryImport(Library)]
    internal static partial int sigemptyset(byte* set);

    /// <summary>pidfd_open(2), kernel 5.3; close-on-exec always. Names the process even when it is a zombie.</summary>
    [LibraryImport(Library, EntryPoint = "syscall", SetLastError = true)]
    internal static partial nint pidfd_open(nint number, nint pid, nint flags);

    /// <summary>pidfd_send_signal(2), kernel 5.1: info null means as with kill(2).</summary>
    [LibraryImport(Library, EntryPoint = "syscall", SetLastError = true)]
    internal static partial nint pidfd_send_signal(nint number, nint pidfd, nint signal, void* info, nint flags);

    /// <summary>waitid(2) with P_PIDFD, kernel 5.4. With WNOHANG and nothing to report it answers 0 and leaves Pid 0.</summary>
    [LibraryImport(Library, SetLastError = true)]
    internal static partial int waitid(int idType, uint id, SignalInfo* info, int options);

    /// <summary>kill(2): a negative pid means a process group.</summary>
    [LibraryImport(Library, SetLastError = true)]
    internal static partial int kill(int pid, int signal);

    /// <summary>getppid(2): 0 when the parent is outside our pid namespace; cannot fail.</summary>
    [LibraryImport(Library)]
    internal static partial int getppid();

    /// <summary>prctl(2) is variadic; see <see cref="fcntl"/> for why this signature holds. Unused arguments must be 0 for some options.</summary>
    [LibraryImport(Library, SetLastError = true)]
    internal static partial int prctl(int option, nuint a, nuint b, nuint c, nuint d);

    /// <summary>prlimit(2): pid 0 is ourselves; either pointer may be null.</summary>
    [LibraryImport(Library, SetLastError = true)]
    internal static partial int prlimit(int pid, int resource, ResourceLimit* wanted, ResourceLimit* old);
}
