namespace Strata.Linux;

/// <summary>The user and group a child runs as, without supplementary groups.</summary>
/// <param name="Uid">The user's id; null keeps ours.</param>
/// <param name="Gid">The group's id; null keeps ours.</param>
public readonly record struct ProcessUser(uint? Uid, uint? Gid);
