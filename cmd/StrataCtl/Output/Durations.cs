using System.Globalization;

namespace Strata.StrataCtl.Output;

/// <summary>Spans of time as people write and read them: <c>500ms</c>, <c>10s</c>, <c>5m</c>, <c>2h</c>, <c>1d</c>.</summary>
internal static class Durations
{
    /// <summary>The longest span accepted: a year.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromDays(365);

    /// <summary>Reads a span; a bare number is seconds. Null when it is none, is zero or is too long.</summary>
    public static TimeSpan? Parse(string text)
    {
        var digits = 0;
        while (digits < text.Length && (char.IsAsciiDigit(text[digits]) || text[digits] == '.'))
        {
            digits++;
        }

        double? unitMs = text[digits..] switch
        {
            "ms" => 1,
            "" or "s" => 1_000,
            "m" => 60_000,
            "h" => 3_600_000,
            "d" => 86_400_000,
            _ => null,
        };
        var isNumber = double.TryParse(text.AsSpan(0, digits), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var count);
        return isNumber && unitMs is { } unit && count * unit >= 1 && count * unit <= Longest.TotalMilliseconds
            ? TimeSpan.FromMilliseconds(count * unit)
            : null;
    }

    /// <summary>The two largest units that say something: <c>350ms</c>, <c>12s</c>, <c>3m 5s</c>, <c>2h 0m</c>, <c>4d 3h</c>.</summary>
    public static string Show(TimeSpan span) => span switch
    {
        { Ticks: < 0 } => $"-{Show(span.Negate())}",
        { TotalSeconds: < 1 } => Text($"{span.TotalMilliseconds:0}ms"),
        { TotalMinutes: < 1 } => Text($"{(int)span.TotalSeconds}s"),
        { TotalHours: < 1 } => Text($"{(int)span.TotalMinutes}m {span.Seconds}s"),
        { TotalDays: < 1 } => Text($"{(int)span.TotalHours}h {span.Minutes}m"),
        _ => Text($"{(int)span.TotalDays}d {span.Hours}h"),
    };

    public static string ShowMs(long? milliseconds) => milliseconds is { } ms ? Show(TimeSpan.FromMilliseconds(ms)) : "-";

    private static string Text(FormattableString text) => FormattableString.Invariant(text);
}
