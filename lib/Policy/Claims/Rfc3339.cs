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
        var fractionTicks = TakeFraction(ref rest);
        if (!TryReadOffset(rest, out var offset))
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

    /// <summary>Takes a fraction. What is none stays, and is no offset either.</summary>
    private static long TakeFraction(ref ReadOnlySpan<char> rest)
    {
        var digits = rest[1..].IndexOfAnyExceptInRange('0', '9');
        var ticks = default(long);
        if (rest[0] != '.' || digits is < 1 or > MaxFractionDigits)
        {
            return ticks;
        }

        for (var i = 0; i < 7; i++)
        {
            ticks = (ticks * 10) + (i < digits ? rest[1 + i] - '0' : 0);
        }

        rest = rest[(1 + digits)..];
        return ticks;
    }

    private static bool TryReadOffset(ReadOnlySpan<char> rest, out TimeSpan offset)
    {
        offset = TimeSpan.Zero;
        if (rest is "Z")
        {
            return true;
        }

        if (rest[0] is not ('+' or '-') || !TimeSpan.TryParseExact(rest[1..], @"hh\:mm", CultureInfo.InvariantCulture, out offset))
        {
            return false;
        }

        offset = rest[0] == '-' ? -offset : offset;
        return true;
    }
}
