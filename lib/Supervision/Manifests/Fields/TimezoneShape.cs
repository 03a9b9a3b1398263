using System.Text.Json;

namespace Strata.Supervision;

/// <summary>A time zone of the IANA database, as the machine knows it.</summary>
internal sealed class TimezoneShape : FieldShape<TimeZoneInfo>
{
    private const int MaxChars = 64;
    private const string Pattern = "^[A-Za-z][A-Za-z0-9_+/-]*$";

    internal override string Expected => "the name of a time zone, such as \"UTC\" or \"Europe/Berlin\"";

    internal override string Range => "a name such as Europe/Berlin";

    internal override bool TryRead(JsonPiece piece, string path, FaultSink faults, out TimeZoneInfo value)
    {
        value = TimeZoneInfo.Utc;
        if (piece.Kind != JsonValueKind.String)
        {
            return Refuse(piece, path, faults);
        }

        // It becomes part of a path: what is no name is not looked up.
        var isName = piece.Text.Length is > 0 and <= MaxChars && char.IsAsciiLetter(piece.Text[0]) && piece.Text.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '+' or '/' or '-');
        if (isName && TimeZoneInfo.TryFindSystemTimeZoneById(piece.Text, out var zone))
        {
            value = zone;
            return true;
        }

        return Refuse(piece, path, faults, isName ? "this machine does not know it (package tzdata)" : "");
    }

    internal override void WriteSchema(Utf8JsonWriter json)
    {
        json.WriteString("type"u8, "string"u8);
        json.WriteNumber("maxLength"u8, MaxChars);
        json.WriteString("pattern"u8, Pattern);
    }
}
