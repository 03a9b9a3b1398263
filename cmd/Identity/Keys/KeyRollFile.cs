using System.Globalization;
using System.Text;
using Strata.Linux;
using Strata.Policy;

namespace Strata.Identity;

/// <summary>
/// The roll of keys as text: a header, a line <c>VERSION SERIAL STATE CREATED UNTIL FOOTER PUBLIC</c> for each key, and a checksum of all that.
/// Times are Unix seconds, <c>-</c> where there is none; FOOTER is <c>always</c> or, for a key of a time when tokens had none, <c>sometimes</c>. Pure.
/// </summary>
internal static class KeyRollFile
{
    internal const string Name = "keys";

    /// <summary>The largest file: every key with the longest line.</summary>
    internal const int MaxBytes = 256 + (2 * KeyRoll.MaxKeysPerVersion * 160);

    private const string Header = "strata-keys 1\n";
    private const string CheckWord = "end ";

    internal static byte[] Encode(KeyRoll roll)
    {
        var text = Header + string.Concat(roll.Keys.Select(Line));
        return Encoding.ASCII.GetBytes(text + CheckWord + CheckOf(text) + "\n");
    }

    /// <summary>Reads a file; null when it is not exactly what <see cref="Encode"/> writes.</summary>
    internal static KeyRoll? Parse(ReadOnlySpan<byte> content)
    {
        var text = Encoding.ASCII.GetString(content);
        var end = text.LastIndexOf(CheckWord, StringComparison.Ordinal);
        if (end < 0 || !text.StartsWith(Header, StringComparison.Ordinal) || text[end..] != CheckWord + CheckOf(text[..end]) + "\n")
        {
            return null;
        }

        var keys = text[Header.Length..end].Split('\n')[..^1].Select(ParseLine).ToList();
        return keys.TrueForAll(key => key is not null) && KeyRoll.TryOf(keys!) is { } roll && Encode(roll).AsSpan().SequenceEqual(content) ? roll : null;
    }

    private static string CheckOf(string text) => Crc32C.Of(Encoding.ASCII.GetBytes(text)).ToString("x8", CultureInfo.InvariantCulture);

    private static string Line(KeyEntry e) => string.Create(
        CultureInfo.InvariantCulture,
        $"{(e.Version == TokenVersion.V4 ? "v4" : "v2")} {e.Serial} {NameOf(e.State)} {e.Created.ToUnixTimeSeconds()} {e.Until?.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture) ?? "-"} {(e.Key.IsNamedOnly ? "always" : "sometimes")} {Convert.ToHexStringLower(e.Key.PublicKey)}\n");

    internal static string NameOf(KeyState state) => state switch
    {
        KeyState.Next => "next",
        KeyState.Active => "active",
        _ => "retiring",
    };

    private static KeyEntry? ParseLine(string line)
    {
        if (line.Split(' ') is not [("v2" or "v4") and var version, var serial, var state, var created, var until, ("always" or "sometimes") and var footer, var hex]
            || !int.TryParse(serial, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            || !RuleRecords.TryReadTime(created, out var made) || (until != "-" && !RuleRecords.TryReadTime(until, out _)))
        {
            return null;
        }

        KeyState? known = state switch { "next" => KeyState.Next, "active" => KeyState.Active, "retiring" => KeyState.Retiring, _ => null };
        try
        {
            var key = new VerificationKey(version == "v4" ? TokenVersion.V4 : TokenVersion.V2, Convert.FromHexString(hex), isNamedOnly: footer == "always");
            return known is { } now ? new KeyEntry(key, number, now, made, RuleRecords.TryReadTime(until, out var ends) ? ends : null) : null;
        }
        catch (Exception e) when (e is FormatException or ArgumentException)
        {
            return null;
        }
    }
}
