using System.Globalization;

namespace Strata.Supervision;

/// <summary>Durations as manifests write them: a whole number and its unit, such as "250ms", "5s", "2m", "1h".</summary>
public static class DurationText
{
    /// <summary>What a duration must look like, as a regular expression for the schema.</summary>
    public const string Pattern = "^[0-9]{1,9}(ms|s|m|h)$";

    private const int MaxDigits = 9;

    private static readonly (string Unit, TimeSpan One)[] Units =
        [("ms", TimeSpan.FromMilliseconds(1)), ("s", TimeSpan.FromSeconds(1)), ("m", TimeSpan.FromMinutes(1)), ("h", TimeSpan.FromHours(1))];

    /// <summary>Reads a duration; false for anything but up to nine digits and a unit.</summary>
    public static bool TryParse(string text, out TimeSpan duration)
    {
        var digits = text.TakeWhile(char.IsAsciiDigit).Count();
        var unit = Units.FirstOrDefault(u => u.Unit == text[digits..]);
        duration = default;
        if (digits is 0 or > MaxDigits || unit.Unit is null)
        {
            return false;
        }

        duration = unit.One * int.Parse(text.AsSpan(0, digits), NumberStyles.None, CultureInfo.InvariantCulture);
        return true;
    }

    /// <summary>Writes a duration in the largest unit that leaves a whole number.</summary>
    public static string Of(TimeSpan duration)
    {
        if (duration == TimeSpan.Zero)
        {
            return "0s";
        }

        var (unit, one) = Units.LastOrDefault(u => duration.Ticks % u.One.Ticks == 0, Units[0]);
        return string.Create(CultureInfo.InvariantCulture, $"{duration / one:0.####}{unit}");
    }
}
