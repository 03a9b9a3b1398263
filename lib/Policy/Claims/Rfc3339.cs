using System.Globalization;

namespace Strata.Policy;

/// <summary>Timestamps as RFC 3339 writes them: read with any offset, written in UTC.</summary>
internal static class Rfc3339
{
    private const int DateAndTimeLength = 19;
    private const int MaxFractionDigits = 9;

    internal static string Format(DateTimeOffset value) =>
        value.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'", CultureInfo.InvariantCulture);

    /// <summary>Reads <c>2026-01-31T12:00:00[.123456789](Z|+hh:mm|-hh:mm)</c>; digits below 100 ns are dropped.</summary>
    internal static bool TryParse(ReadOnlySpan<char> text, out DateTimeOffset value)
    {
        value = default;
        if (text.Length <= DateAndTimeLength
            || !DateTime.TryParseExact(text[..DateAndTimeLength], "yyyy-MM-dd'T'HH:mm:ss", CultureInfo.InvariantCulture, DateTimeStyles.None, out var local))
        {
            return false;
        }

        var rest = text[DateAndTimeLength..];
        if (!TryReadFraction(ref rest, out var fractionTicks) || !TryReadOffset(rest, out var offset))
        {
            return false;
        }

        var ticks = local.Ticks + fractionTicks - offset.Ticks;
        if (ticks < 0 || ticks > DateTime.MaxValue.Ticks)
        {
            return false;
        }

        value = new DateTimeOffset(ticks, TimeSpan.Zero);
        return true;
    }

    private static bool TryReadFraction(ref ReadOnlySpan<char> rest, out long ticks)
    {
        ticks = 0;
        if (rest[0] != '.')
        {
            return true;
        }

        var digits = rest[1..].IndexOfAnyExceptInRange('0', '9');
        if (digits is < 1 or > MaxFractionDigits)
        {
            return false;
        }

        for (var i = 0; i < 7; i++)
        {
            ticks = (ticks * 10) + (i < digits ? rest[1 + i] - '0' : 0);
        }

        rest = rest[(1 + digits)..];
        return true;
    }

    private static bool TryReadOffset(ReadOnlySpan<char> rest, out TimeSpan offset)
    {
        offset = TimeSpan.Zero;
        if (rest is "Z")
        {
            return true;
        }

        if (rest.Length != 6 || rest[0] is not ('+' or '-') || rest[3] != ':'
            || !IsTwoDigits(rest[1..3], 23, out var hours) || !IsTwoDigits(rest[4..], 59, out var minutes))
        {
            return false;
        }

        offset = new TimeSpan(hours, minutes, 0) * (rest[0] == '-' ? -1 : 1);
        return true;
    }

    private static bool IsTwoDigits(ReadOnlySpan<char> text, int max, out int value)
    {
        value = 0;
        if (!char.IsAsciiDigit(text[0]) || !char.IsAsciiDigit(text[1]))
        {
            return false;
        }

        value = ((text[0] - '0') * 10) + text[1] - '0';
        return value <= max;
    }
}
