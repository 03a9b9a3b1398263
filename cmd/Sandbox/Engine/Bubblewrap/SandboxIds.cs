using Strata.Linux;

namespace Strata.Sandbox;

/// <summary>
/// Whom the users inside are on the host. A service run by root gives sandboxes ids that nobody else has, each live one its own where mounts can show it what is on disk as its own;
/// any other service has only its own user to give, which is one of the users inside and no other.
/// </summary>
/// <param name="First">Whom user 0 inside is on the host.</param>
/// <param name="Count">How many users there are inside.</param>
internal sealed record SandboxIds(uint First, uint Count)
{
    /// <summary>Ids of a sandbox.</summary>
    internal const uint Range = 65536;

    /// <summary>
    /// The first id that files of sandboxes have on disk, of every sandbox, so that they go from one to another as they are. It is above what is given to containers and below what is
    /// owned by those of foreign images (0x7FFE0000) by the conventions of systemd, and no 32-bit sign. The ranges of live sandboxes lie between: see <see cref="IdRanges"/>.
    /// </summary>
    internal const uint FirstOnDisk = 0x7000_0000;

    /// <summary>Whom the users inside are on disk, and on the host where sandboxes share their ids.</summary>
    internal static SandboxIds OnDisk => UserId.Effective == 0 ? new(FirstOnDisk, Range) : new(UserId.Effective, 1);

    /// <summary>Whether there is only one id, the service's own.</summary>
    internal bool IsSingle => Count == 1;

    /// <summary>Whether they are not those of what is on disk.</summary>
    internal bool IsApart => !IsSingle && First != FirstOnDisk;

    /// <summary>Whom a user inside is on the host.</summary>
    internal uint OnHost(int user) => IsSingle ? First : First + (uint)user;
}
