using Strata.Linux.Interop;

namespace Strata.Linux;

/// <summary>Who connected, as the kernel recorded it at connect (or socketpair) time; the peer cannot forge it.</summary>
/// <param name="Pid">Process id then; it may have been reused since.</param>
/// <param name="Uid">Effective user id.</param>
/// <param name="Gid">Effective group id.</param>
public readonly record struct PeerCredentials(int Pid, uint Uid, uint Gid)
{
    /// <summary>Asks for the credentials of a connected Unix stream socket (SO_PEERCRED).</summary>
    /// <param name="socket">A connected socket.</param>
    /// <param name="credentials">The credentials when the result is 0.</param>
    /// <returns>0, or a negated <see cref="Errno"/>.</returns>
    public static unsafe int TryGet(int socket, out PeerCredentials credentials)
    {
        int* raw = stackalloc int[3]; // struct ucred: pid, uid, gid.
        uint length = 3 * sizeof(int);
        int result = Libc.Result(Libc.getsockopt(socket, Libc.SOL_SOCKET, Libc.SO_PEERCRED, raw, &length));
        credentials = result < 0 ? default : new PeerCredentials(raw[0], (uint)raw[1], (uint)raw[2]);
        return result;
    }

    /// <summary>A pidfd of the peer (SO_PEERPIDFD, kernel 6.5): names the process itself, not a number that may be reused.</summary>
    /// <param name="socket">A connected socket.</param>
    /// <returns>A descriptor the caller owns, or a negated <see cref="Errno"/> (ENOPROTOOPT on older kernels; ESRCH when the peer is gone).</returns>
    public static unsafe int TryGetPidFd(int socket)
    {
        int descriptor;
        uint length = sizeof(int);
        int result = Libc.Result(Libc.getsockopt(socket, Libc.SOL_SOCKET, Libc.SO_PEERPIDFD, &descriptor, &length));
        return result < 0 ? result : descriptor;
    }
}
