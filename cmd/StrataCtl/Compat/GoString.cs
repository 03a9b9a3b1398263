using System.Globalization;
using System.Text;

namespace Strata.StrataCtl.Compat;

/// <summary>Strings as Go's <c>encoding/json</c> reads and writes them.</summary>
internal static class GoString
{
    /// <summary>Reads a JSON string with its quotes; half of a surrogate pair becomes U+FFFD instead of a fault.</summary>
    public static string Decode(string quoted)
    {
        var inner = quoted.AsSpan(1, quoted.Length - 2);
        if (!inner.Contains('\\'))
        {
            return inner.ToString();
        }

        var text = new StringBuilder(inner.Length);
        for (var i = 0; i < inner.Length; i++)
        {
            if (inner[i] != '\\')
            {
                text.Append(inner[i]);
            }
            else if (inner[++i] == 'u')
            {
                text.Append((char)ushort.Parse(inner.Slice(i + 1, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture));
                i += 4;
            }
            else
            {
                text.Append(Unescape(inner[i]));
            }
        }

        return text.ToString();
    }

    /// <summary>Appends a string with its quotes, escaping what Go escapes by default (also for use inside HTML).</summary>
    public static void Append(StringBuilder output, string text, bool forTerminal)
    {
        output.Append('"');
        foreach (var rune in text.EnumerateRunes())
        {
            if (Escape(rune.Value) is { } escape)
            {
                output.Append(escape);
            }
            else if (MustEscape(rune.Value, forTerminal))
            {
                output.Append(CultureInfo.InvariantCulture, $"\\u{rune.Value:x4}");
            }
            else
            {
                output.Append(rune.ToString());
            }
        }

        output.Append('"');
    }

    private static char Unescape(char escaped) => escaped switch
    {
        'b' => '\b',
        'f' => '\f',
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        _ => escaped,
    };

    private static string? Escape(int value) => value switch
    {
        '"' => "\\\"",
        '\\' => "\\\\",
        '\b' => "\\b",
        '\f' => "\\f",
        '\n' => "\\n",
        '\r' => "\\r",
        '\t' => "\\t",
        _ => null,
    };

    private static bool MustEscape(int value, bool forTerminal) => value switch
    {
        < 0x20 or '<' or '>' or '&' or 0x2028 or 0x2029 => true,
        (>= 0x7f and < 0xa0) or (>= 0x202a and <= 0x202e) or (>= 0x2066 and <= 0x2069) => forTerminal,
        _ => false,
    };
}
