using System.Globalization;

namespace Strata.Supervision;

/// <summary>Sizes as manifests write them: a whole number and its unit of 1024, such as "64K", "256M", "1G"; bytes are "B".</summary>
public static class SizeText
{
    /// <summary>What a size must look like, as a regular expression for the schema.</summary>
    public const string Pattern = "^[0-9]{1,9}[BKMG]$";

    private const string Units = "BKMG";
    private const int MaxDigits = 9;

    /// <summary>Reads a size; false for anything but up to nine digits and a unit.</summary>
    public static bool TryParse(string text, out long bytes)
    {
        bytes = 0;
        var unit = text.Length > 1 ? Units.IndexOf(text[^1], StringComparison.Ordinal) : -1;
        // The platform's parser forgives NULs after the digits: a second spelling.
        if (unit < 0 || text.Length > MaxDigits + 1 || text.AsSpan(0, text.Length - 1).ContainsAnyExceptInRange('0', '9'))
        {
            return false;
        }

        bytes = long.Parse(text.AsSpan(0, text.Length - 1), NumberStyles.None, CultureInfo.InvariantCulture) << (10 * unit);
        return true;
    }

    /// <summary>Writes a size in the largest unit that leaves a whole number.</summary>
    public static string Of(long bytes)
    {
        var unit = 0;
        for (; bytes != 0 && bytes % 1024 == 0 && unit < Units.Length - 1; unit++)
        {
            bytes /= 1024;
        }

        return string.Create(CultureInfo.InvariantCulture, $"{bytes}{Units[unit]}");
    }
}
