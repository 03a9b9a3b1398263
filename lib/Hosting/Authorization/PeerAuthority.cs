using Strata.Ipc;

namespace Strata.Hosting;

/// <summary>
/// Who may act on this node without a capability: root, the user the node runs as, and whom the operator names. Decided
/// by the kernel's word about the peer, never by what a request says.
/// </summary>
/// <param name="ownUid">The user the node runs as.</param>
/// <param name="further">Further users, from <see cref="NodeSettings.AuthorityUids"/>.</param>
public sealed class PeerAuthority(uint ownUid, IReadOnlySet<uint> further)
{
    /// <summary>
    /// Whether a service of this node may listen as this user: root or the node's own. Keys from anybody else's socket
    /// would make anybody else the root of authority.
    /// </summary>
    public static bool MayServe(uint uid) => uid == 0 || uid == Strata.Linux.UserId.Effective;

    /// <summary>Whether the peer is an authority.</summary>
    public bool Includes(Peer peer) => peer.Uid == 0 || peer.Uid == ownUid || further.Contains(peer.Uid);
}
