using System.Globalization;

namespace Strata.Sandbox;

/// <summary>Whom the processes of this machine run as.</summary>
internal static class LivingUsers
{
    /// <summary>Their users, real, effective, saved and of the file system; who ends meanwhile may be among them.</summary>
    internal static IEnumerable<uint> Here() => ProcessNumbers.Living()
        .SelectMany(pid => Of(() => File.ReadLines(string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/status"))));

    /// <summary>Of one, by what the kernel says of it.</summary>
    internal static uint[] Of(Func<IEnumerable<string>> status)
    {
        try
        {
            return [.. (status().FirstOrDefault(line => line.StartsWith("Uid:", StringComparison.Ordinal)) ?? "").Split('\t').Skip(1)
                .Select(id => uint.Parse(id, NumberStyles.None, CultureInfo.InvariantCulture))];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return []; // It has ended.
        }
    }
}
