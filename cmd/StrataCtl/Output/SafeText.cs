using System.Globalization;
using System.Text;

namespace Strata.StrataCtl.Output;

/// <summary>
/// Makes text from elsewhere fit for a terminal: a file may be named after an escape sequence that clears the screen,
/// retitles the window or reorders what is read. Such characters are shown as escapes, and one value stays on one line.
/// </summary>
internal static class SafeText
{
    public static string Of(string text)
    {
        if (IsPlain(text))
        {
            return text;
        }

        var safe = new StringBuilder(text.Length + 16);
        foreach (var rune in text.EnumerateRunes())
        {
            if (IsSafe(rune))
            {
                safe.Append(rune.ToString());
            }
            else
            {
                AppendEscape(safe, rune.Value);
            }
        }

        return safe.ToString();
    }

    private static bool IsPlain(string text) => !text.AsSpan().ContainsAnyExceptInRange(' ', '~');

    /// <summary>Everything but controls, line and paragraph separators, and characters that reorder their neighbours.</summary>
    private static bool IsSafe(Rune rune) => Rune.GetUnicodeCategory(rune) switch
    {
        UnicodeCategory.Control or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator => false,
        UnicodeCategory.Format or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned => false,
        _ => true,
    };

    private static void AppendEscape(StringBuilder safe, int value) => safe.Append(value switch
    {
        '\n' => "\\n",
        '\r' => "\\r",
        '\t' => "\\t",
        < 0x100 => string.Create(CultureInfo.InvariantCulture, $"\\x{value:x2}"),
        _ => string.Create(CultureInfo.InvariantCulture, $"\\u{{{value:x}}}"),
    });
}
