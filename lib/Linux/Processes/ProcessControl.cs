using Strata.Linux.Interop;

namespace Strata.Linux;

/// <summary>Settings of this process (prctl). Each throws <see cref="LinuxException"/> when the kernel refuses.</summary>
public static class ProcessControl
{
    /// <summary>Orphaned grandchildren become our children instead of init's, so that they can be found and reaped.</summary>
    public static void BecomeChildSubreaper() => Set(Libc.PR_SET_CHILD_SUBREAPER, 1, "prctl(PR_SET_CHILD_SUBREAPER)");

    /// <summary>The calling thread, and all it starts from now on, never gains privileges by exec. Cannot be undone. Only this thread: call it in <see cref="SpawnThread.Run"/> for children.</summary>
    public static void ForbidNewPrivileges() => Set(Libc.PR_SET_NO_NEW_PRIVS, 1, "prctl(PR_SET_NO_NEW_PRIVS)");

    /// <summary>No core dump, and no ptrace or /proc/PID/mem by others of the same user: for processes that hold keys.</summary>
    public static void ForbidDumps() => Set(Libc.PR_SET_DUMPABLE, 0, "prctl(PR_SET_DUMPABLE)");

    private static void Set(int option, nuint value, string name) =>
        LinuxException.Check(Libc.Result(Libc.prctl(option, value, 0, 0, 0)), name);
}
