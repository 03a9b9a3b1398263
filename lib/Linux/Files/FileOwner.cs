using Strata.Linux.Interop;

namespace Strata.Linux;

/// <summary>Whose a file is.</summary>
public static unsafe class FileOwner
{
    /// <summary>Gives a file to a user and the group of the same number. A link is given itself, not what it points to.</summary>
    /// <param name="path">The file.</param>
    /// <param name="owner">The user.</param>
    /// <exception cref="LinuxException">EPERM for all but root, unless it is that user's already; ENOENT, ...</exception>
    public static void Give(string path, uint owner)
    {
        if (FileStatus.TryGetNoFollow(path, out FileStatus status) >= 0 && status.Uid == owner)
        {
            return;
        }

        fixed (byte* text = Libc.CString(path))
        {
            LinuxException.Check(Libc.Result(Libc.fchownat(Libc.AT_FDCWD, text, owner, owner, Libc.AT_SYMLINK_NOFOLLOW)), "chown", path);
        }
    }
}
