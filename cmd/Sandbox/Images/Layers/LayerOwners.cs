using Strata.Linux;

namespace Strata.Sandbox;

/// <summary>Whom the files of layers belong to on disk: the ids that sandboxes have there, see the engine's own.</summary>
/// <param name="First">Whom user 0 inside is on disk.</param>
/// <param name="Count">How many users there are inside; of one, all files are that user's.</param>
internal sealed record LayerOwners(uint First, uint Count)
{
    private const uint Nobody = 65534;

    /// <summary>What this process can give.</summary>
    internal static LayerOwners Mine => new(SandboxIds.OnDisk.First, SandboxIds.OnDisk.Count);

    internal bool IsSingle => Count == 1;

    /// <summary>Whom an id of an archive is on disk; one that no sandbox has is nobody's.</summary>
    internal uint OnDisk(uint id) => IsSingle ? First : First + (id < Count ? id : Nobody);

    /// <summary>
    /// The bits that are kept: never those that let a program run as its owner, which mean nothing where no program gains rights, and could something
    /// where the host's own users met it. A single user must be able to read what is stored, or could neither check nor remove it.
    /// </summary>
    internal int Mode(TarKind kind, int mode) => kind == TarKind.Directory
        ? (mode & 0x3ff) | (IsSingle ? 0x1c0 : 0)
        : (mode & 0x1ff) | (IsSingle ? 0x100 : 0);
}
