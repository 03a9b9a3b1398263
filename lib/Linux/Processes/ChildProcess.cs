using Strata.Linux.Interop;

namespace Strata.Linux;

/// <summary>A child we started: known by a pidfd, which never comes to mean another process. Until it is reaped its pid stays reserved, too.</summary>
/// <remarks>Not for several threads at once. Disposal closes the pidfd; it neither kills nor reaps.</remarks>
public sealed unsafe class ChildProcess : IDisposable
{
    private readonly bool _leadsGroup;
    private readonly IDisposable? _keeper;
    private bool _reaped;

    private ChildProcess(int pid, FileDescriptor handle, bool leadsGroup, IDisposable? keeper) =>
        (Pid, Handle, _leadsGroup, _keeper) = (pid, handle, leadsGroup, keeper);

    /// <summary>The process id; when <see cref="SpawnRequest.NewSession"/> was set also the id of its process group and session.</summary>
    public int Pid { get; }

    /// <summary>The pidfd: <see cref="EpollEvents.Readable"/> once the process has ended.</summary>
    public FileDescriptor Handle { get; }

    /// <summary>The control group it was started in; null for our own.</summary>
    public ServiceGroup? Group { get; internal init; }

    /// <summary>How it ended, leaving it to be reaped: the moment to signal what is left of its group.</summary>
    /// <param name="exit">How it ended when the result is 1.</param>
    /// <returns>1 ended, 0 still running, or a negated <see cref="Errno"/> (ECHILD: reaped already).</returns>
    public int TryPeekExit(out ProcessExit exit) => Wait(Libc.WEXITED | Libc.WNOHANG | Libc.WNOWAIT, out exit);

    /// <summary>Takes the exit status and frees the pid.</summary>
    /// <param name="exit">How it ended when the result is 1.</param>
    /// <returns>1 ended, 0 still running, or a negated <see cref="Errno"/> (ECHILD: reaped already).</returns>
    public int TryReap(out ProcessExit exit)
    {
        int result = Wait(Libc.WEXITED | Libc.WNOHANG, out exit);
        _reaped |= result == 1;
        return result;
    }

    /// <summary>Sends a signal to this very process.</summary>
    /// <param name="signal">A number of <see cref="Signal"/>; 0 only probes.</param>
    /// <returns>0, or a negated <see cref="Errno"/> (ESRCH: it has ended and was reaped).</returns>
    public int TrySignal(int signal) =>
        Libc.Result(Libc.pidfd_send_signal(Libc.SYS_pidfd_send_signal, Handle.Number, signal, null, 0));

    /// <summary>Sends a signal to every process of the child's group. Only before reaping: afterwards the group's number may be a stranger's.</summary>
    /// <param name="signal">A number of <see cref="Signal"/>.</param>
    /// <returns>0, or a negated <see cref="Errno"/> (ESRCH: reaped; EINVAL: it leads no group).</returns>
    public int TrySignalGroup(int signal)
    {
        if (!_leadsGroup)
        {
            return -Errno.EINVAL;
        }

        return _reaped ? -Errno.ESRCH : Libc.Result(Libc.kill(-Pid, signal));
    }

    /// <summary>Closes the pidfd. A confined child that armed a parent-death signal and still lives gets it now.</summary>
    public void Dispose()
    {
        if (!Handle.IsClosed)
        {
            Handle.Dispose();
            _keeper?.Dispose();
        }
    }

    /// <summary>A child that is not reaped keeps its pid, so there is no race between spawning and opening the pidfd.</summary>
    internal static ChildProcess Open(int pid, bool leadsGroup, IDisposable? keeper = null, ServiceGroup? group = null)
    {
        int pidfd = Libc.Result(Libc.pidfd_open(Libc.SYS_pidfd_open, pid, 0));
        if (pidfd >= 0)
        {
            return new ChildProcess(pid, new FileDescriptor(pidfd), leadsGroup, keeper) { Group = group };
        }

        // Out of descriptors: a child nobody watches must not stay behind. SIGKILL cannot be held up for long, so the wait is short.
        _ = Libc.kill(leadsGroup ? -pid : pid, Signal.SIGKILL);
        Libc.SignalInfo info;
        _ = Libc.waitid(Libc.P_PID, (uint)pid, &info, Libc.WEXITED);
        throw new LinuxException(pidfd, "pidfd_open");
    }

    private int Wait(int options, out ProcessExit exit)
    {
        exit = default;
        Libc.SignalInfo info = default;
        int result = Libc.Result(Libc.waitid(Libc.P_PIDFD, (uint)Handle.Number, &info, options));
        if (result < 0 || info.Pid == 0)
        {
            return result;
        }

        exit = info.Code == Libc.CLD_EXITED
            ? new ProcessExit(info.Status, null, false)
            : new ProcessExit(null, info.Status, info.Code == Libc.CLD_DUMPED);
        return 1;
    }
}
