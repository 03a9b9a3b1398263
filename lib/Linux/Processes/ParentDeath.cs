using Strata.Linux.Interop;

namespace Strata.Linux;

/// <summary>Makes this process end with the parent that started it, however the parent ends.</summary>
public static class ParentDeath
{
    /// <summary>Asks for a signal at the parent's death, then checks that the parent is still the expected one: it may have died before the asking.</summary>
    /// <remarks>Call it on the main thread: the wish belongs to the calling thread and ends with it. It fires when the parent's <em>thread</em> that spawned us ends (<see cref="SpawnThread"/>). Lost by exec of a set-uid program.</remarks>
    /// <param name="expectedParentPid">The pid of whoever started us, as that process told us.</param>
    /// <param name="signal">A number of <see cref="Signal"/>, for example SIGTERM.</param>
    /// <returns>False when the parent is gone already: the caller must end by itself.</returns>
    /// <exception cref="LinuxException">The signal number is invalid.</exception>
    public static bool Arm(int expectedParentPid, int signal)
    {
        LinuxException.Check(Libc.Result(Libc.prctl(Libc.PR_SET_PDEATHSIG, (nuint)signal, 0, 0, 0)), "prctl(PR_SET_PDEATHSIG)");
        return Libc.getppid() == expectedParentPid;
    }
}
