using System.Globalization;
using Strata.Linux;
using Strata.Supervision;

namespace Strata.Supervisor;

/// <summary>Users and groups of the machine, from the texts of /etc/passwd and /etc/group: accounts of a directory service are given by number.</summary>
internal sealed class Accounts(string users, string groups)
{
    private const int PrimaryGroup = 3;

    internal static Accounts OfThisMachine() => new(Read("/etc/passwd"), Read("/etc/group"));

    /// <summary>Who a manifest means; null when it means the supervisor's own user.</summary>
    /// <exception cref="ConfinementException">There is no such user or group.</exception>
    internal ProcessUser? Of(ConfinementPolicy policy)
    {
        if (policy is { User: null, Group: null })
        {
            return null;
        }

        uint? group = policy.Group is { } name ? NumberOf(groups, name, "confinement.group", "/etc/group") : null;
        if (policy.User is not { } user)
        {
            return new ProcessUser(null, group);
        }

        uint uid = NumberOf(users, user, "confinement.user", "/etc/passwd");
        return new ProcessUser(uid, group ?? PrimaryGroupOf(uid, user));
    }

    /// <summary>The number of a group by its name or number; null when there is none of that name.</summary>
    internal uint? FindGroup(string name) => Find(groups, name);

    private uint PrimaryGroupOf(uint uid, string user) =>
        Lines(users).FirstOrDefault(fields => fields[2] == uid.ToString(CultureInfo.InvariantCulture)) is { } entry
        && uint.TryParse(entry[PrimaryGroup], NumberStyles.None, CultureInfo.InvariantCulture, out uint group)
            ? group
            : throw new ConfinementException("confinement.group", $"the user {user} is not in /etc/passwd, so its group is unknown; name the group");

    private static uint NumberOf(string text, string name, string field, string file) =>
        Find(text, name) ?? throw new ConfinementException(field, $"there is no '{name}' in {file}; make it, or give its number");

    private static uint? Find(string text, string name) =>
        uint.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out uint number) ? number
        : Lines(text).FirstOrDefault(fields => fields[0] == name) is { } entry && uint.TryParse(entry[2], NumberStyles.None, CultureInfo.InvariantCulture, out number) ? number
        : null;

    private static IEnumerable<string[]> Lines(string text) => text.Split('\n').Select(line => line.Split(':')).Where(fields => fields.Length > PrimaryGroup);

    private static string Read(string path) => File.Exists(path) ? File.ReadAllText(path) : "";
}
