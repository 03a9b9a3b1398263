using System.Globalization;
using Strata.StrataCtl.Output;

namespace Strata.StrataCtl.Commands;

/// <summary>From where on lines are wanted: a number, a time, or so long ago.</summary>
/// <param name="Sequence">The number of the first line; null when it is not by number.</param>
/// <param name="Time">The time of the first line, RFC 3339; null when it is not by time.</param>
internal sealed record LogsSince(long? Sequence, string? Time)
{
    /// <summary>Reads what a person wrote; null when it is none of these.</summary>
    public static LogsSince? Parse(string text, DateTimeOffset now)
    {
        if (long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var sequence))
        {
            return new LogsSince(sequence, null);
        }

        if (Durations.Parse(text) is { } ago)
        {
            return new LogsSince(null, Rfc3339(now - ago));
        }

        var isTime = text.Length >= 10 && text[4] == '-'
            && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out _);
        return isTime ? new LogsSince(null, Rfc3339(DateTimeOffset.Parse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal))) : null;
    }

    private static string Rfc3339(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
}
