using System.Globalization;
using System.Text;

namespace Strata.Ipc;

/// <summary>Small facts about JSON text that the platform's reader does not tell.</summary>
public static class JsonText
{
    /// <summary>The most bytes of a caller's text that an error message repeats.</summary>
    public const int MaxShownBytes = 64;

    /// <summary>
    /// True when an escape in the JSON text stands for half of a surrogate pair, which no UTF-8 text can carry.
    /// The text must be valid JSON; backslashes then occur in strings only.
    /// </summary>
    public static bool HasLoneSurrogate(ReadOnlySpan<byte> json)
    {
        var i = 0;
        while (true)
        {
            var next = json[i..].IndexOf((byte)'\\');
            if (next < 0)
            {
                return false;
            }

            i += next;
            if (i + 1 >= json.Length || json[i + 1] != 'u')
            {
                i += 2;
                if (i >= json.Length)
                {
                    return false;
                }

                continue;
            }

            var unit = HexUnit(json, i);
            i += 6;
            if (char.IsLowSurrogate(unit))
            {
                return true;
            }

            if (!char.IsHighSurrogate(unit))
            {
                continue;
            }

            if (i + 6 > json.Length || json[i] != '\\' || json[i + 1] != 'u' || !char.IsLowSurrogate(HexUnit(json, i)))
            {
                return true;
            }

            i += 6;
        }
    }

    /// <summary>A caller's text made fit for a message: printable ASCII kept, everything else escaped, cut to a bound.</summary>
    public static string Shorten(ReadOnlySpan<byte> text)
    {
        var builder = new StringBuilder();
        foreach (var b in text[..Math.Min(text.Length, MaxShownBytes)])
        {
            if (b is >= 0x20 and < 0x7f and not (byte)'"' and not (byte)'\\')
            {
                builder.Append((char)b);
            }
            else
            {
                builder.Append(CultureInfo.InvariantCulture, $"%{b:x2}");
            }
        }

        return text.Length > MaxShownBytes ? builder.Append("...").ToString() : builder.ToString();
    }

    private static char HexUnit(ReadOnlySpan<byte> json, int backslash) =>
        backslash + 6 <= json.Length
            && ushort.TryParse(json.Slice(backslash + 2, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var unit)
            ? (char)unit
            : '\0';
}
