using System.Globalization;
using System.Text;

namespace Strata.Sandbox;

/// <summary>Lines of <c>/etc/passwd</c> or <c>/etc/group</c>: fields with colons between, of which the first is a name and the third a number. Pure; what is no such line is none.</summary>
internal sealed class AccountFile(byte[]? content)
{
    private const int NumberField = 2;

    private readonly string[][] _lines = [.. Encoding.UTF8.GetString(content ?? []).Split('\n').Select(line => line.TrimEnd('\r').Split(':')).Where(fields => fields.Length > NumberField && Number(fields[NumberField]) is not null)];

    /// <summary>The fields of the first line of a name.</summary>
    internal string[]? OfName(string name) => _lines.FirstOrDefault(fields => fields[0] == name);

    /// <summary>The fields of the first line of a number.</summary>
    internal string[]? OfNumber(int number) => _lines.FirstOrDefault(fields => NumberOf(fields) == number);

    /// <summary>The number of a line.</summary>
    internal static int NumberOf(string[] fields) => Number(fields[NumberField])!.Value;

    /// <summary>A user's or group's number; null for what is none.</summary>
    internal static int? Number(string text) => text.Length > 0 && text.All(char.IsAsciiDigit) && int.TryParse(text, CultureInfo.InvariantCulture, out var number) ? number : null;
}
