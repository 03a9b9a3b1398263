using System.Globalization;
using Strata.Linux;

namespace Strata.Hosting;

/// <summary>What this process was started with, by the convention of systemd: LISTEN_FDS descriptors from 3 on, named by LISTEN_FDNAMES.</summary>
/// <param name="Socket">The listening socket; null when there is none.</param>
/// <param name="Stored">What an earlier instance had stored, in that order.</param>
internal sealed record InheritedDescriptors(int? Socket, IReadOnlyList<(string Name, int Number)> Stored)
{
    private const int First = 3;
    private const int Most = 64;

    /// <summary>Reads the variables.</summary>
    /// <param name="service">The service, whose name the socket bears.</param>
    /// <param name="variable">Looks an environment variable up.</param>
    /// <exception cref="SettingsException">They say nothing usable.</exception>
    internal static InheritedDescriptors From(string service, Func<string, string?> variable)
    {
        if (variable("LISTEN_FDS") is not { Length: > 0 } text || !IsForThisProcess(variable("LISTEN_PID")))
        {
            return new InheritedDescriptors(null, []);
        }

        if (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var count) || count is < 1 or > Most)
        {
            throw new SettingsException($"LISTEN_FDS is {text}; it must be a number of descriptors, 1 to {Most}");
        }

        string[] names = variable("LISTEN_FDNAMES") is { Length: > 0 } given ? given.Split(':') : [service];
        if (names.Length != count)
        {
            throw new SettingsException($"LISTEN_FDS is {count}, but LISTEN_FDNAMES names {names.Length}; without names a service takes exactly one socket");
        }

        var socket = names[0] == service ? First : (int?)null;
        return new InheritedDescriptors(socket, [.. names.Select((name, i) => (name, First + i)).Skip(socket is null ? 0 : 1)]);
    }

    // A launcher that cannot know the child's pid in advance leaves LISTEN_PID out.
    private static bool IsForThisProcess(string? pid) =>
        string.IsNullOrEmpty(pid) || pid == Environment.ProcessId.ToString(CultureInfo.InvariantCulture);
}
