using Strata.Linux.Interop;

namespace Strata.Linux;

/// <summary>Signals to processes that are not our children, so that no stranger which got the number of one that ended is ever hit.</summary>
public static unsafe class KnownProcess
{
    /// <summary>Signals the process that has a number and began at a certain time, if there still is one.</summary>
    /// <param name="pid">Its number.</param>
    /// <param name="startTicks">When it began (<see cref="ProcessStat.StartTicks"/>).</param>
    /// <param name="signal">A number of <see cref="Signal"/>.</param>
    /// <returns>0, or a negated <see cref="Errno"/>: ESRCH when it has ended, EPERM, EMFILE.</returns>
    public static int TrySignal(int pid, ulong startTicks, int signal)
    {
        int opened = Libc.Result(Libc.pidfd_open(Libc.SYS_pidfd_open, pid, 0));
        if (opened < 0)
        {
            return opened;
        }

        using var handle = new FileDescriptor(opened);
        return ProcessStat.Of(pid)?.StartTicks == startTicks
            ? Libc.Result(Libc.pidfd_send_signal(Libc.SYS_pidfd_send_signal, opened, signal, null, 0))
            : -Errno.ESRCH;
    }
}
