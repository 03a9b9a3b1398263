using System.Globalization;
using System.Text;

namespace Strata.Supervision;

/// <summary>Reads lines of the form <c>time=... level=info service=fs event=listening msg="..."</c>, which Strata's own programs log.</summary>
public static class LogfmtLine
{
    /// <summary>Fields of a line that are read; one with more is not taken for logfmt.</summary>
    public const int MaxFields = 64;

    private static readonly string[] Levels = ["trace", "debug", "info", "warn", "error", "critical"];

    /// <summary>
    /// The fields of a line that is logfmt as Strata's programs write it and speaks for its own service; null for any other,
    /// so that no service can pass a line off as another's, and none with a character that could move a terminal.
    /// </summary>
    /// <param name="service">Who printed it.</param>
    /// <param name="text">The line.</param>
    public static IReadOnlyDictionary<string, string>? Read(string service, string text)
    {
        if (!text.StartsWith("time=", StringComparison.Ordinal) || IsUnsafe(text))
        {
            return null;
        }

        var fields = new Dictionary<string, string>(StringComparer.Ordinal);
        for (var at = 0; at < text.Length; at++)
        {
            if (ReadField(text, ref at) is not var (name, value) || fields.Count == MaxFields)
            {
                return null;
            }

            // The first of a name counts: what follows may be a value's words.
            fields.TryAdd(name, value);
        }

        return fields.GetValueOrDefault("service") == service && Levels.Contains(fields.GetValueOrDefault("level")) ? fields : null;
    }

    /// <summary>Reads one field; leaves <paramref name="at"/> on the blank after it, or at the end.</summary>
    private static (string Name, string Value)? ReadField(string text, ref int at)
    {
        var equals = text.IndexOf('=', at);
        if (equals <= at || text.AsSpan(at, equals - at).ContainsAny(' ', '"', '\\'))
        {
            return null;
        }

        var name = text[at..equals];
        at = equals + 1;
        if (at < text.Length && text[at] == '"')
        {
            return Unquote(text, ref at) is { } quoted ? (name, quoted) : null;
        }

        var end = text.IndexOf(' ', at);
        var value = text[at..(end < 0 ? text.Length : end)];
        at = end < 0 ? text.Length : end;
        return value.Length == 0 || value.Contains('"', StringComparison.Ordinal) ? null : (name, value);
    }

    private static string? Unquote(string text, ref int at)
    {
        var value = new StringBuilder();
        for (at++; at < text.Length; at++)
        {
            switch (text[at])
            {
                case '"':
                    at++;
                    return at == text.Length || text[at] == ' ' ? value.ToString() : null;
                case '\\' when at + 1 < text.Length:
                    at += Unescape(text, at + 1, value);
                    break;
                default:
                    value.Append(text[at]);
                    break;
            }
        }

        return null;
    }

    /// <summary>Appends what an escape stands for.</summary>
    /// <returns>Characters after the backslash that it took.</returns>
    private static int Unescape(string text, int at, StringBuilder value)
    {
        if (text[at] == 'u' && at + 5 <= text.Length
            && ushort.TryParse(text.AsSpan(at + 1, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var unit))
        {
            value.Append((char)unit);
            return 5;
        }

        value.Append(text[at] == 'n' ? '\n' : text[at]);
        return 1;
    }

    // Nearly every line is plain, and found to be so at a glance.
    private static bool IsUnsafe(string text) => text.AsSpan().ContainsAnyExceptInRange(' ', '~') && text.Any(IsUnsafe);

    private static bool IsUnsafe(char c) => char.IsControl(c) || char.IsSurrogate(c) || c is '\u2028' or '\u2029'
        || char.GetUnicodeCategory(c) is UnicodeCategory.Format or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned;
}
