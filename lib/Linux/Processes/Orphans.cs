using Strata.Linux.Interop;

namespace Strata.Linux;

/// <summary>Processes that became our children because we are their subreaper (<see cref="ProcessControl.BecomeChildSubreaper"/>).</summary>
public static unsafe class Orphans
{
    /// <summary>The most that one call reaps; call again on the next SIGCHLD.</summary>
    public const int MaxReapedPerCall = 1024;

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
