namespace Strata.Ipc;

/// <summary>The other end of a connection as the kernel vouches for it at connect time.</summary>
/// <param name="Pid">Process id, or 0 when unknown.</param>
/// <param name="Uid">Effective user id.</param>
/// <param name="Gid">Effective group id.</param>
public readonly record struct Peer(int Pid, uint Uid, uint Gid);
