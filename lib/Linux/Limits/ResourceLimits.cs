using Strata.Linux.Interop;

namespace Strata.Linux;

/// <summary>Limits that the kernel keeps for one process and each of its children by itself (rlimits). Null leaves a limit as it is.</summary>
public sealed record ResourceLimits
{
    private const int RLIMIT_NPROC = 6;
    private const int RLIMIT_AS = 9;

    /// <summary>Descriptors open at once (RLIMIT_NOFILE): default as the supervisor's.</summary>
    public long? OpenFiles { get; init; }

    /// <summary>Processes and threads of the process's <em>user</em>, wherever they run (RLIMIT_NPROC). It does not bind root.</summary>
    public long? ProcessesOfUser { get; init; }

    /// <summary>Bytes of address space (RLIMIT_AS), reserved or used: a last resort, for programs that reserve much and use little cannot run under it.</summary>
    public long? AddressSpaceBytes { get; init; }

    /// <summary>Whether anything is limited.</summary>
    public bool IsEmpty => OpenFiles is null && ProcessesOfUser is null && AddressSpaceBytes is null;

    /// <summary>Sets the limits of another process: hard and soft alike, so that it cannot raise them.</summary>
    /// <exception cref="ConfinementException">One was refused; it names the manifest's field.</exception>
    internal void ApplyTo(int pid)
    {
        Set(pid, Libc.RLIMIT_NOFILE, OpenFiles, "limits.open_files");
        Set(pid, RLIMIT_NPROC, ProcessesOfUser, "limits.pids");
        Set(pid, RLIMIT_AS, AddressSpaceBytes, "limits.memory");
    }

    private static unsafe void Set(int pid, int resource, long? value, string field)
    {
        if (value is not { } limit)
        {
            return;
        }

        var wanted = new Libc.ResourceLimit { Soft = (ulong)limit, Hard = (ulong)limit };
        int result = Libc.Result(Libc.prlimit(pid, resource, &wanted, null));
        if (result < 0)
        {
            throw new ConfinementException(field, $"{limit} was refused ({Errno.Name(result)}); more than the supervisor's own limit, or any limit for another user, takes CAP_SYS_RESOURCE");
        }
    }
}
