using System.Text.Json;

namespace Strata.Supervision;

/// <summary>A text. Its length and pattern are for the schema; the validator enforces them for every manifest, from a file or not.</summary>
/// <param name="maxChars">The longest; null when only the file's size bounds it.</param>
/// <param name="pattern">A regular expression, or null.</param>
internal sealed class TextShape(int? maxChars = null, string? pattern = null) : FieldShape<string>
{
    internal override string Expected => "a text";

    internal override string Range => maxChars is { } most ? $"at most {most} characters" : "";

    internal override bool TryRead(JsonPiece piece, string path, FaultSink faults, out string value)
    {
        value = piece.Text;
        return piece.Kind == JsonValueKind.String || Refuse(piece, path, faults);
    }

    internal override void WriteSchema(Utf8JsonWriter json)
    {
        json.WriteString("type"u8, "string"u8);
        if (maxChars is { } most)
        {
            json.WriteNumber("maxLength"u8, most);
        }

        if (pattern is not null)
        {
            json.WriteString("pattern"u8, pattern);
        }
    }
}
