using System.Globalization;
using Strata.Ipc;
using Strata.Linux;

namespace Strata.Sandbox;

/// <summary>
/// Finds whom an image's <c>User</c> means: <c>name</c>, <c>number</c>, or either with <c>:group</c>, names by the image's own files. As docker has it, the group of a number that the image does not know is 0.
/// </summary>
internal static class ImageAccounts
{
    /// <summary>The most that such a file may have.</summary>
    internal const int MaxFileBytes = 1 << 20;

    private const int MaxNameChars = 64;
    private const int MaxHomeChars = 1024;
    private const int GroupField = 3;
    private const int HomeField = 5;

    /// <summary>Finds it.</summary>
    /// <param name="stated">What the image says, not empty.</param>
    /// <param name="layers">The image's directories, the topmost first.</param>
    /// <exception cref="SandboxException">The image does not have whom it names, or no sandbox has such a number.</exception>
    internal static SessionAccount Resolve(string stated, IReadOnlyList<string> layers)
    {
        try
        {
            return Resolve(stated, Read(layers, "passwd"), () => Read(layers, "group"));
        }
        catch (Exception e) when (e is ArchiveException or LinuxException)
        {
            throw Refused(e.Message);
        }
    }

    private static SessionAccount Resolve(string stated, AccountFile users, Func<AccountFile> groups)
    {
        var (user, group) = stated.Split(':', 2) is [var left, var right] ? (left, right) : (stated, "");
        var number = AccountFile.Number(user);
        var line = number is { } known ? users.OfNumber(known) : users.OfName(user);
        if (line is null && number is null)
        {
            throw Refused($"the image runs its programs as '{Shown(user)}', whom its /etc/passwd does not have");
        }

        var uid = number ?? AccountFile.NumberOf(line!);
        var gid = group.Length > 0 ? GroupOf(group, groups()) : line?.Length > GroupField ? AccountFile.Number(line[GroupField]) ?? 0 : 0;
        if (uid >= SandboxIds.Range || gid >= SandboxIds.Range)
        {
            throw Refused(string.Create(CultureInfo.InvariantCulture, $"the image runs its programs as {uid}:{gid}; sandboxes have users and groups below {SandboxIds.Range}"));
        }

        return new SessionAccount(uid, gid, NameOf(line, uid), HomeOf(line, uid));
    }

    private static int GroupOf(string group, AccountFile groups) => AccountFile.Number(group)
        ?? (groups.OfName(group) is { } line ? AccountFile.NumberOf(line) : throw Refused($"the image runs its programs with the group '{Shown(group)}', which its /etc/group does not have"));

    private static string NameOf(string[]? line, int uid) => line?[0] is { Length: > 0 and <= MaxNameChars } name && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' or '.' or '$') ? name
        : uid == 0 ? "root" : uid.ToString(CultureInfo.InvariantCulture);

    private static string HomeOf(string[]? line, int uid) => line?.Length > HomeField && line[HomeField] is { Length: <= MaxHomeChars } home && home.StartsWith('/') && !home.Any(char.IsControl) ? home : uid == 0 ? "/root" : "/";

    private static AccountFile Read(IReadOnlyList<string> layers, string name) => new(LayerFiles.Read(layers, "etc", name, MaxFileBytes));

    private static string Shown(string name) => name.Length <= MaxNameChars ? name : name[..MaxNameChars] + "...";

    private static SandboxException Refused(string what) => new(ErrorCode.InvalidArgument, SandboxReasons.ImageRefused, what + "; ask for user \"user\" or \"root\"");
}
