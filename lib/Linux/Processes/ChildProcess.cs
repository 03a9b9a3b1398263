using Strata.Linux.Interop;

namespace Strata.Linux;

/// <summary>
/// A process known by a pidfd, which never comes to mean another process: a child we started, whose pid stays reserved until it is reaped, or one that we
/// <see cref="TryAdopt">adopted</see> from its dead parent, which is reaped by somebody else.
/// </summary>
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

    /// <summary>Whether it is not our child, so that nobody but the kernel's memory of the pidfd can tell how it ended.</summary>
    public bool IsAdopted { get; private init; }

    /// <summary>
    /// Takes over a process that was started by somebody who has died, or by this very process before it executed another program. The pidfd comes first and
    /// the proof after it, so that no other process can slip in between.
    /// </summary>
    /// <param name="pid">Its pid.</param>
    /// <param name="startTicks">When it started (<see cref="ProcessStat.StartTicks"/>), within this boot.</param>
    /// <param name="group">Its control group, if it has one.</param>
    /// <param name="gone">Whether there is no process of that pid and start time any more, or it has ended, when the result is null.</param>
    /// <returns>Null when it is gone, or is not what was said: it leads no session of its own.</returns>
    /// <exception cref="LinuxException">No descriptor is left.</exception>
    public static ChildProcess? TryAdopt(int pid, ulong startTicks, ServiceGroup? group, out bool gone)
    {
        gone = true;
        int pidfd = Libc.Result(Libc.pidfd_open(Libc.SYS_pidfd_open, pid, 0));
        if (pidfd is -Errno.ESRCH or -Errno.EINVAL)
        {
            return null;
        }

        var handle = new FileDescriptor(LinuxException.Check(pidfd, "pidfd_open"));
        Libc.SignalInfo info = default;
        bool foreign = Libc.Result(Libc.waitid(Libc.P_PIDFD, (uint)pidfd, &info, Libc.WEXITED | Libc.WNOHANG | Libc.WNOWAIT)) == -Errno.ECHILD;
        // A zombie of somebody else's is gone for us; our own still has its exit status to give.
        ProcessStat? stat = ProcessStat.Of(pid);
        gone = stat?.StartTicks != startTicks || (foreign && stat is { IsZombie: true });
        if (gone || stat?.Session != pid || stat?.Group != pid)
        {
            handle.Dispose();
            return null;
        }

        return new ChildProcess(pid, handle, leadsGroup: true, keeper: null) { Group = group, IsAdopted = foreign };
    }

    /// <summary>A child of ours that we did not start ourselves, but a child of ours for us (<see cref="CallScript.Continue"/>).</summary>
    /// <param name="pid">Its pid; nobody has reaped it.</param>
    /// <exception cref="LinuxException">No descriptor is left; it was killed.</exception>
    public static ChildProcess OfChild(int pid) => Open(pid, leadsGroup: true);

    /// <summary>How it ended, leaving it to be reaped: the moment to signal what is left of its group.</summary>
    /// <param name="exit">How it ended when the result is 1; without code and signal when nobody can tell.</param>
    /// <returns>1 ended, 0 still running, or a negated <see cref="Errno"/> (ECHILD: reaped already).</returns>
    public int TryPeekExit(out ProcessExit exit) => IsAdopted ? AdoptedExit.TryGet(Handle, Pid, out exit) : Wait(Libc.WEXITED | Libc.WNOHANG | Libc.WNOWAIT, out exit);

    /// <summary>Takes the exit status and frees the pid.</summary>
    /// <param name="exit">How it ended when the result is 1; without code and signal when nobody can tell.</param>
    /// <returns>1 ended, 0 still running, or a negated <see cref="Errno"/> (ECHILD: reaped already).</returns>
    public int TryReap(out ProcessExit exit)
    {
        int result = IsAdopted ? AdoptedExit.TryGet(Handle, Pid, out exit) : Wait(Libc.WEXITED | Libc.WNOHANG, out exit);
        _reaped |= result == 1;
        return result;
    }

    /// <summary>Waits for the end of a child that is about to end, and reaps it. Holds the calling thread.</summary>
    /// <param name="exit">How it ended when the result is 1.</param>
    /// <returns>1, or a negated <see cref="Errno"/> (ECHILD: reaped already, or no child of ours).</returns>
    public int ReapAtEnd(out ProcessExit exit)
    {
        int result;
        do
        {
            result = Wait(Libc.WEXITED, out exit);
        }
        while (result == -Errno.EINTR);
        _reaped |= result == 1;
        return result;
    }

    /// <summary>Sends a signal to this very process.</summary>
    /// <param name="signal">A number of <see cref="Signal"/>; 0 only probes.</param>
    /// <returns>0, or a negated <see cref="Errno"/> (ESRCH: it has ended and was reaped).</returns>
    public int TrySignal(int signal) =>
        Libc.Result(Libc.pidfd_send_signal(Libc.SYS_pidfd_send_signal, Handle.Number, signal, null, 0));

    /// <summary>Sends a signal to every process of the child's group. A child of ours only before reaping: afterwards the group's number may be a stranger's.</summary>
    /// <param name="signal">A number of <see cref="Signal"/>.</param>
    /// <returns>0, or a negated <see cref="Errno"/> (ESRCH: reaped; EINVAL: it leads no group).</returns>
    public int TrySignalGroup(int signal)
    {
        if (!_leadsGroup)
        {
            return -Errno.EINVAL;
        }

        return IsAdopted ? SignalAdoptedGroup(signal)
            : _reaped ? -Errno.ESRCH
            : Libc.Result(Libc.kill(-Pid, signal));
    }

    /// <summary>A copy of a descriptor that the process holds, for whoever may trace it.</summary>
    /// <param name="number">Its number there.</param>
    /// <returns>A descriptor (close-on-exec), or a negated <see cref="Errno"/> (EPERM: not permitted; EBADF; ENOSYS before kernel 5.6).</returns>
    public int TryTakeDescriptor(int number) => Libc.Result(Libc.pidfd_getfd(Libc.SYS_pidfd_getfd, Handle.Number, number, 0));

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

    /// <summary>The pidfd names the group even after its leader has been reaped; a number would not. Before kernel 6.9 only a living leader vouches for it.</summary>
    private int SignalAdoptedGroup(int signal)
    {
        int result = Libc.Result(Libc.pidfd_send_signal(Libc.SYS_pidfd_send_signal, Handle.Number, signal, null, Libc.PIDFD_SIGNAL_PROCESS_GROUP));
        return result != -Errno.EINVAL ? result
            : AdoptedExit.HasEnded(Handle) ? -Errno.ESRCH
            : Libc.Result(Libc.kill(-Pid, signal));
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
