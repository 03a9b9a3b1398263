using Strata.Ipc;
using Strata.Linux;

namespace Strata.Hosting;

/// <summary>
/// Tells the node's supervisor from everybody else. The one that started us is known by its pid; one that took over from it by what only a supervisor has:
/// the kernel names it as the listener of the supervisor's socket, in a directory that nobody but the node's user may write.
/// </summary>
/// <param name="settings">The node.</param>
public sealed class SupervisorPeer(NodeSettings settings)
{
    private const string SocketOwner = "supervisor";

    private int _known = settings.SupervisorPid ?? 0;

    /// <summary>Whether there is a supervisor at all; not when the service was started by hand.</summary>
    public bool Exists => settings.SupervisorPid is not null;

    /// <summary>Whether a peer is the supervisor.</summary>
    /// <param name="peer">The kernel's word about it.</param>
    public bool Is(Peer peer)
    {
        // Nobody of another user can be it: a number is given to somebody else once its process has died, and strangers shall not make us connect anywhere.
        if (!Exists || (peer.Uid != 0 && peer.Uid != UserId.Effective))
        {
            return false;
        }

        if (peer.Pid == Volatile.Read(ref _known))
        {
            return true;
        }

        if (ListenerPid() != peer.Pid)
        {
            return false;
        }

        Volatile.Write(ref _known, peer.Pid);
        return true;
    }

    private int? ListenerPid()
    {
        try
        {
            using var connection = UnixSocket.Connect(settings.SocketOf(SocketOwner));
            return PeerCredentials.TryGet(connection.Number, out var listener) == 0 ? listener.Pid : null;
        }
        catch (Exception e) when (e is LinuxException or ArgumentException)
        {
            return null;
        }
    }
}
