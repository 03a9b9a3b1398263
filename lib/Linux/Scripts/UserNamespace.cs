using System.Globalization;
using Strata.Linux.Interop;

namespace Strata.Linux;

/// <summary>Whom the users of a user namespace are outside of it.</summary>
public static class UserNamespace
{
    /// <summary>
    /// Says it, once, for a process that has just made itself a namespace and waits: users and groups from 0 on. Whoever is not root can give nothing but
    /// its own user and group, and its processes then keep their supplementary groups for good.
    /// </summary>
    /// <param name="pid">The process.</param>
    /// <param name="first">Whom user and group 0 are.</param>
    /// <param name="count">How many there are; 1 for our own.</param>
    /// <exception cref="LinuxException">The kernel refused: EPERM, also when the process has ended meanwhile.</exception>
    public static void Map(int pid, uint first, uint count)
    {
        uint group = first;
        if (count == 1)
        {
            group = GroupId.Effective;
            Write(PathOf(pid, "setgroups"), "deny");
        }

        Write(PathOf(pid, "uid_map"), string.Create(CultureInfo.InvariantCulture, $"0 {first} {count}\n"));
        Write(PathOf(pid, "gid_map"), string.Create(CultureInfo.InvariantCulture, $"0 {group} {count}\n"));
    }

    /// <summary>
    /// Says it for a namespace in which nobody shall live, but by which mounts show owners as others (<see cref="CallScript.MountWithIds"/>): what is owned by a range of users and
    /// groups on disk is shown as another range's, root's stays root's, and everything else is nobody's.
    /// </summary>
    /// <param name="pid">A process that has just made itself the namespace.</param>
    /// <param name="onDisk">The first on disk.</param>
    /// <param name="shown">The first that is shown.</param>
    /// <param name="count">How many.</param>
    /// <exception cref="LinuxException">As of <see cref="Map"/>.</exception>
    public static void MapForMounts(int pid, uint onDisk, uint shown, uint count)
    {
        // Root's as well: an overlay makes and marks what only it needs as whoever mounted it.
        string map = string.Create(CultureInfo.InvariantCulture, $"{onDisk} {shown} {count}\n0 0 1\n");
        Write(PathOf(pid, "uid_map"), map);
        Write(PathOf(pid, "gid_map"), map);
    }

    /// <summary>Opens the namespace that a process is in: it lasts as long as that is open.</summary>
    /// <param name="pid">The process.</param>
    /// <exception cref="LinuxException">It has ended, or is not ours to ask.</exception>
    public static unsafe FileDescriptor Open(int pid)
    {
        string path = PathOf(pid, "ns/user");
        fixed (byte* text = Libc.CString(path))
        {
            return new FileDescriptor(LinuxException.Check(Libc.Result(Libc.openat(Libc.AT_FDCWD, text, Libc.O_RDONLY | Libc.O_CLOEXEC, 0)), "open", path));
        }
    }

    private static string PathOf(int pid, string name) => string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/{name}");

    private static void Write(string path, string text)
    {
        if (GroupFiles.Write(path, text) is var result and < 0)
        {
            throw new LinuxException(result, "write", path);
        }
    }
}
