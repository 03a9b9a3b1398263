using System.Globalization;

namespace Strata.Supervision;

/// <summary>Sizes as manifests write them: a whole number and its unit, such as "64K", "256M", "1G", in powers of 1024; "4096B" for bytes.</summary>
public static class SizeText
{
    /// <summary>What a size must look like, as a regular expression for the schema.</summary>
    public const string Pattern = "^[0-9]{1,9}[BKMG]$";

    private const int MaxDigits = 9;
    private const string Units = "BKMG";

    /// <summary>Reads a size; false for anything but up to nine digits and a unit.</summary>
    public static bool TryParse(string text, out long bytes)
    {
        var digits = text.TakeWhile(char.IsAsciiDigit).Count();
        bytes = 0;
        if (digits is 0 or > MaxDigits || text.Length != digits + 1 || Units.IndexOf(text[digits], StringComparison.Ordinal) is not (>= 0 and var unit))
        {
            return false;
        }

        bytes = long.Parse(text.AsSpan(0, digits), NumberStyles.None, CultureInfo.InvariantCulture) << (10 * unit);
        return true;
    }

    /// <summary>Writes a size in the largest unit that leaves a whole number.</summary>
    public static string Of(long bytes)
    {
        var unit = 0;
        while (unit < Units.Length - 1 && bytes != 0 && bytes % 1024 == 0)
        {
            (bytes, unit) = (bytes / 1024, unit + 1);
        }

        return string.Create(CultureInfo.InvariantCulture, $"{bytes}{Units[unit]}");
    }
}
