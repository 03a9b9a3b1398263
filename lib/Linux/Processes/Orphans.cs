using Strata.Linux.Interop;

namespace Strata.Linux;

/// <summary>Processes that became our children because we are their subreaper (<see cref="ProcessControl.BecomeChildSubreaper"/>).</summary>
public static unsafe class Orphans
{
    /// <summary>The most that one call reaps; call again on the next SIGCHLD.</summary>
    public const int MaxReapedPerCall = 1024;

    /// <summary>Kills an orphan. A child that is not reaped keeps its pid, so this never hits a stranger.</summary>
    /// <param name="pid">A child of ours that nobody has reaped, and that nobody else may reap meanwhile.</param>
    /// <returns>0, or a negated <see cref="Errno"/>.</returns>
    public static int TryKill(int pid) => Libc.Result(Libc.kill(pid, Signal.SIGKILL));

    /// <summary>Reaps ended orphans. Stops at an ended child of our own, so reap those first.</summary>
    /// <param name="isOwnChild">Whether a pid belongs to a <see cref="ChildProcess"/>, whose exit status must be left to it.</param>
    /// <returns>How many were reaped.</returns>
    public static int Reap(Predicate<int> isOwnChild)
    {
        for (int reaped = 0; reaped < MaxReapedPerCall; reaped++)
        {
            Libc.SignalInfo info = default;
            int result = Libc.waitid(Libc.P_ALL, 0, &info, Libc.WEXITED | Libc.WNOHANG | Libc.WNOWAIT);
            if (result < 0 || info.Pid == 0 || isOwnChild(info.Pid))
            {
                return reaped;
            }

            _ = Libc.waitid(Libc.P_PID, (uint)info.Pid, &info, Libc.WEXITED | Libc.WNOHANG);
        }

        return MaxReapedPerCall;
    }
}
