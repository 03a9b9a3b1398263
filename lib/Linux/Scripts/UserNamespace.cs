using System.Globalization;

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
        string directory = string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}");
        uint group = first;
        if (count == 1)
        {
            group = GroupId.Effective;
            Write($"{directory}/setgroups", "deny");
        }

        Write($"{directory}/uid_map", string.Create(CultureInfo.InvariantCulture, $"0 {first} {count}\n"));
        Write($"{directory}/gid_map", string.Create(CultureInfo.InvariantCulture, $"0 {group} {count}\n"));
    }

    private static void Write(string path, string text)
    {
        if (GroupFiles.Write(path, text) is var result and < 0)
        {
            throw new LinuxException(result, "write", path);
        }
    }
}
