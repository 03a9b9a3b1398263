using Strata.Linux.Interop;

namespace Strata.Linux;

/// <summary>How many descriptors a process may have open (RLIMIT_NOFILE).</summary>
/// <param name="Soft">What counts now.</param>
/// <param name="Hard">How far the process may raise the soft limit itself.</param>
public readonly record struct OpenFileLimit(ulong Soft, ulong Hard)
{
    /// <summary>The limit of a process.</summary>
    /// <param name="pid">A process of ours; 0 (default) is this one.</param>
    /// <exception cref="LinuxException">ESRCH, EPERM.</exception>
    public static unsafe OpenFileLimit Get(int pid = 0)
    {
        Libc.ResourceLimit limit;
        LinuxException.Check(Libc.Result(Libc.prlimit(pid, Libc.RLIMIT_NOFILE, null, &limit)), "prlimit");
        return new OpenFileLimit(limit.Soft, limit.Hard);
    }

    /// <summary>Sets the limit of a process, also of a running child.</summary>
    /// <param name="limit">The new limit; the hard one can only be lowered without privilege.</param>
    /// <param name="pid">A process of ours; 0 (default) is this one.</param>
    /// <exception cref="LinuxException">EPERM for raising the hard limit, EINVAL when soft exceeds hard, ESRCH.</exception>
    public static unsafe void Set(OpenFileLimit limit, int pid = 0)
    {
        var wanted = new Libc.ResourceLimit { Soft = limit.Soft, Hard = limit.Hard };
        LinuxException.Check(Libc.Result(Libc.prlimit(pid, Libc.RLIMIT_NOFILE, &wanted, null)), "prlimit");
    }
}
