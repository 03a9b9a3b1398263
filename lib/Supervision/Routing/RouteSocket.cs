namespace Strata.Supervision;

/// <summary>A socket as it lies in the file system.</summary>
/// <param name="Path">Its path.</param>
/// <param name="Exists">Whether a socket is there.</param>
/// <param name="Mode">Its permission bits.</param>
/// <param name="Uid">Its owner.</param>
/// <param name="Gid">Its group.</param>
public sealed record RouteSocket(string Path, bool Exists, int Mode, long Uid, long Gid);
