using System.Collections.Immutable;
using System.Text.Json;

namespace Strata.Supervision;

/// <summary>An object of any names with texts as values.</summary>
/// <param name="most">The most members.</param>
/// <param name="maxChars">The longest value.</param>
internal sealed class TextMapShape(int most, int maxChars) : FieldShape<ImmutableDictionary<string, string>>
{
    internal override string Expected => "an object of texts";

    internal override string Range => $"at most {most}";

    internal override bool TryRead(JsonPiece piece, string path, FaultSink faults, out ImmutableDictionary<string, string> value)
    {
        value = piece.Members.ToImmutableDictionary(m => m.Name, m => m.Value.Text, StringComparer.Ordinal);
        if (piece.Kind != JsonValueKind.Object)
        {
            return Refuse(piece, path, faults);
        }

        foreach (var (name, _, item) in piece.Members)
        {
            if (item.Kind != JsonValueKind.String)
            {
                faults.Add(item.Offset, $"{path}.{name}", $"must be a text, not {item.KindInWords}");
            }
        }

        return piece.Members.All(m => m.Value.Kind == JsonValueKind.String);
    }

    internal override void WriteSchema(Utf8JsonWriter json)
    {
        json.WriteString("type"u8, "object"u8);
        json.WriteStartObject("additionalProperties"u8);
        json.WriteString("type"u8, "string"u8);
        json.WriteNumber("maxLength"u8, maxChars);
        json.WriteEndObject();
        json.WriteNumber("maxProperties"u8, most);
    }
}
