using System.Buffers;
using System.Globalization;
using System.Text;

namespace Strata.Hosting;

/// <summary>Writes one field of a logfmt line such that no value can begin a new line, forge a field or move a terminal.</summary>
public static class LogfmtField
{
    private static readonly SearchValues<char> Plain =
        SearchValues.Create("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz.-_/:@+");

    /// <summary>Appends a blank, the name, <c>=</c> and the value, quoted and escaped unless it is plain.</summary>
    /// <param name="line">The line so far.</param>
    /// <param name="name">The field's name; plain.</param>
    /// <param name="value">Its value, whatever it holds.</param>
    /// <param name="maxChars">The longest value written, in UTF-16 units; the rest is cut and shown as dots.</param>
    public static void Append(StringBuilder line, string name, string value, int maxChars = LogfmtLogger.MaxValueChars)
    {
        line.Append(' ').Append(name).Append('=');
        if (value.Length > 0 && value.Length <= maxChars && !value.AsSpan().ContainsAnyExcept(Plain))
        {
            line.Append(value);
            return;
        }

        var shown = value.AsSpan(0, Math.Min(value.Length, maxChars));
        line.Append('"');
        Quote(line, shown);
        line.Append(value.Length > maxChars ? "...\"" : "\"");
    }

    private static void Quote(StringBuilder line, ReadOnlySpan<char> value)
    {
        // Words without a mark among them are the rule.
        if (!value.ContainsAnyExceptInRange(' ', '~') && !value.ContainsAny('"', '\\'))
        {
            line.Append(value);
            return;
        }

        foreach (var c in value)
        {
            _ = c switch
            {
                '"' or '\\' => line.Append('\\').Append(c),
                '\n' => line.Append("\\n"),
                _ when IsDangerous(c) => line.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}"),
                _ => line.Append(c),
            };
        }
    }

    // Controls forge lines and drive terminals; U+2028/2029 end lines for some readers; half surrogates are no text.
    private static bool IsDangerous(char c) => char.IsControl(c) || char.IsSurrogate(c) || c is '\u2028' or '\u2029' || char.GetUnicodeCategory(c) == UnicodeCategory.Format;
}
