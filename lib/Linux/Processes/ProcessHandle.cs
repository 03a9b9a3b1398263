using Strata.Linux.Interop;

namespace Strata.Linux;

/// <summary>Pidfds of processes that are not our children. They never come to mean another process.</summary>
public static unsafe class ProcessHandle
{
    /// <summary>Opens one; close-on-exec. The caller makes sure that the pid is still whom it means.</summary>
    /// <exception cref="LinuxException">ESRCH: there is no such process.</exception>
    public static FileDescriptor Open(int pid) => new(LinuxException.Check(Libc.Result(Libc.pidfd_open(Libc.SYS_pidfd_open, pid, 0)), "pidfd_open"));

    /// <summary>Sends a signal.</summary>
    /// <returns>0, or a negated <see cref="Errno"/> (ESRCH: it has ended).</returns>
    public static int TrySignal(FileDescriptor process, int signal) => Libc.Result(Libc.pidfd_send_signal(Libc.SYS_pidfd_send_signal, process.Number, signal, null, 0));
}
