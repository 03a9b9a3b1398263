using System.Globalization;

namespace Strata.Sandbox;

/// <summary>Reads what <c>/proc/PID/uid_map</c> says. Pure.</summary>
internal static class IdMap
{
    /// <summary>The id outside of one inside; when that is not mapped, that of the first that is.</summary>
    /// <param name="lines">Lines of an id inside, an id outside, and how many.</param>
    /// <param name="inside">The id inside.</param>
    internal static uint Outside(IReadOnlyList<string> lines, uint inside)
    {
        uint? first = null;
        foreach (var line in lines)
        {
            var parts = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (parts.Length != 3 || !Parse(parts[0], out var from) || !Parse(parts[1], out var to) || !Parse(parts[2], out var count))
            {
                continue;
            }

            first ??= to;
            if (inside >= from && inside - from < count)
            {
                return to + (inside - from);
            }
        }

        return first ?? throw SandboxSession.NotFound();
    }

    private static bool Parse(string text, out uint number) => uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);
}
