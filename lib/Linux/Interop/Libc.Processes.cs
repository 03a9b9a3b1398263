using System.Runtime.InteropServices;

namespace Strata.Linux.Interop;

/// <summary>Processes.</summary>
internal static unsafe partial class Libc
{
    // Numbers above 423 are the same on every architecture.
    internal const nint SYS_pidfd_send_signal = 424;
    internal const nint SYS_pidfd_open = 434;
    internal const nint SYS_pidfd_getfd = 438;
    internal const nint PIDFD_SIGNAL_PROCESS_GROUP = 4;
    internal const short POLLIN = 1;
    internal const short POLLHUP = 0x10;

    internal const int CLONE_VM = 0x100;
    internal const int CLONE_PARENT = 0x8000;
    internal const int SIGCHLD = 17;
    internal const uint MFD_CLOEXEC = 1;
    internal const uint MFD_EXEC = 0x10;
    internal const long TIOCSCTTY = 0x540E;
    internal const int SIG_SETMASK = 2;

    /// <summary>sigset_t of glibc.</summary>
    internal const int SignalSetBytes = 128;

    internal const int PROT_READ = 1;
    internal const int PROT_WRITE = 2;
    internal const int PROT_EXEC = 4;
    internal const int MAP_PRIVATE = 2;
    internal const int MAP_ANONYMOUS = 0x20;

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
    internal const int PR_SET_NAME = 15;
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

    /// <summary>struct pollfd.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct PollRequest
    {
        internal int Descriptor;
        internal short Events;
        internal short Happened;
    }

    /// <summary>struct pidfd_info as of kernel 6.13; what comes later follows it.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 64)]
    internal struct PidInfo
    {
        [FieldOffset(0)] internal ulong Mask;
        [FieldOffset(60)] internal int WaitStatus;
    }

    /// <summary>poll(2).</summary>
    [LibraryImport(Library, SetLastError = true)]
    internal static partial int poll(PollRequest* requests, nuint count, int timeoutMs);

    /// <summary>pidfd_getfd(2), kernel 5.6: needs the right to trace the process; close-on-exec always.</summary>
    [LibraryImport(Library, EntryPoint = "syscall", SetLastError = true)]
    internal static partial nint pidfd_getfd(nint number, nint pidfd, nint target, nint flags);

    /// <summary>execve(2): returns only when it failed.</summary>
    [LibraryImport(Library, SetLastError = true)]
    internal static partial int execve(byte* path, byte** argv, byte** envp);

    /// <summary>clone(2): the child begins at code with argument, on a stack that ends at stack.</summary>
    [LibraryImport(Library, SetLastError = true)]
    internal static partial int clone(nint code, nint stack, int flags, nint argument);

    /// <summary>pthread_sigmask(3): answers the error number itself. A set has <see cref="SignalSetBytes"/>.</summary>
    [LibraryImport(Library)]
    internal static partial int pthread_sigmask(int how, void* set, void* old);

    /// <summary>mmap(2): -1 for a failure.</summary>
    [LibraryImport(Library, SetLastError = true)]
    internal static partial nint mmap(nint address, nuint length, int protection, int flags, int fd, long offset);

    /// <summary>memfd_create(2), glibc 2.27.</summary>
    [LibraryImport(Library, SetLastError = true)]
    internal static partial int memfd_create(byte* name, uint flags);

    /// <summary>mprotect(2).</summary>
    [LibraryImport(Library, SetLastError = true)]
    internal static partial int mprotect(nint address, nuint length, int protection);

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

    /// <summary>prctl(2) is variadic; see <see cref="fcntl"/> for why this signature holds. Unused arguments must be 0 for some options.</summary>
    [LibraryImport(Library, SetLastError = true)]
    internal static partial int prctl(int option, nuint a, nuint b, nuint c, nuint d);

    /// <summary>prlimit(2): pid 0 is ourselves; either pointer may be null.</summary>
    [LibraryImport(Library, SetLastError = true)]
    internal static partial int prlimit(int pid, int resource, ResourceLimit* wanted, ResourceLimit* old);

    /// <summary>setfsuid(2): the calling thread alone; tells the id that was in force and not whether it changed.</summary>
    [LibraryImport(Library)]
    internal static partial int setfsuid(uint uid);

    /// <summary>setfsgid(2): as <see cref="setfsuid"/>.</summary>
    [LibraryImport(Library)]
    internal static partial int setfsgid(uint gid);

    /// <summary>getgroups(2): no room asks for their number.</summary>
    [LibraryImport(Library, SetLastError = true)]
    internal static partial int getgroups(int count, uint* groups);

    /// <summary>setgroups(2) of the calling thread alone, which the wrapper of the same name would carry to all.</summary>
    [LibraryImport(Library, EntryPoint = "syscall", SetLastError = true)]
    internal static partial nint setgroups_thread(nint number, nuint count, uint* groups);
}
