using System.Globalization;
using System.Text;
using Strata.Hosting;

namespace Strata.Identity;

/// <summary>
/// Remembers the longest lifetime this node was ever configured to issue. A revocation must be kept for as long as its
/// capability could live, and one issued before the maximum was lowered lives by the old one.
/// </summary>
internal static class TtlBound
{
    internal const string FileName = "max-ttl";
    private const int MaxFileBytes = 16;

    /// <summary>The longest lifetime of any capability of this node, in seconds.</summary>
    /// <exception cref="SettingsException">The file is damaged.</exception>
    internal static int Raise(IdentityDirectory directory, int configuredSeconds)
    {
        var known = 0;
        if (directory.TryRead(FileName, MaxFileBytes) is { } content
            && !(int.TryParse(Encoding.ASCII.GetString(content).TrimEnd('\n'), NumberStyles.None, CultureInfo.InvariantCulture, out known)
                && known is > 0 and <= IdentityOptions.AbsoluteMaxTtlSeconds))
        {
            throw new SettingsException(
                $"{Path.Combine(directory.Path, FileName)} is damaged; write the greatest STRATA_MAX_TTL_SECONDS this node ever had into it, e.g. {IdentityOptions.AbsoluteMaxTtlSeconds}");
        }

        if (configuredSeconds > known)
        {
            directory.Replace(FileName, Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{configuredSeconds}\n")));
            return configuredSeconds;
        }

        return known;
    }
}
