namespace Strata.Linux;

/// <summary>Whether somebody else could put another directory in the place of one, by what stands above it.</summary>
public static class AncestorTrust
{
    private const int WritableByOthers = 0x12; // 0022
    private const int Sticky = 0x200; // 01000

    /// <summary>Looks at every directory above a path.</summary>
    /// <param name="path">An absolute path.</param>
    /// <returns>Null when only root and this user can rename what leads to it, otherwise who else can, and where.</returns>
    public static string? FaultAbove(string path)
    {
        uint self = UserId.Effective;
        for (string? above = Path.GetDirectoryName(path); above is not null; above = Path.GetDirectoryName(above))
        {
            if (FileStatus.TryGetNoFollow(above, out FileStatus status) < 0)
            {
                continue;
            }

            if (status.Uid != 0 && status.Uid != self)
            {
                return $"'{above}' belongs to uid {status.Uid}, who can replace '{path}'";
            }

            if (status.Kind == FileKind.Directory && (status.Mode & WritableByOthers) != 0 && (status.Mode & Sticky) == 0)
            {
                return $"'{above}' has mode {Convert.ToString(status.Mode & 0xfff, 8)}, so others can replace '{path}'";
            }
        }

        return null;
    }
}
