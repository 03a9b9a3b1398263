using System.Collections.Immutable;
using System.Text.Json;

namespace Strata.Supervision;

/// <summary>A list of texts.</summary>
/// <param name="least">The fewest.</param>
/// <param name="most">The most.</param>
/// <param name="maxChars">The longest of them.</param>
internal sealed class TextListShape(int least, int most, int maxChars) : FieldShape<ImmutableArray<string>>
{
    internal override string Expected => least > 0 ? $"a list of at least {least} text" : "a list of texts";

    internal override string Range => $"{least} to {most}";

    internal override bool TryRead(JsonPiece piece, string path, FaultSink faults, out ImmutableArray<string> value)
    {
        value = [.. piece.Items.Select(item => item.Text)];
        if (piece.Kind != JsonValueKind.Array || piece.Items.Length < least)
        {
            return Refuse(piece, path, faults);
        }

        foreach (var (index, item) in piece.Items.Index())
        {
            if (item.Kind != JsonValueKind.String)
            {
                faults.Add(item.Offset, $"{path}[{index}]", $"must be a text, not {item.KindInWords}");
            }
        }

        return piece.Items.All(item => item.Kind == JsonValueKind.String);
    }

    internal override void WriteSchema(Utf8JsonWriter json)
    {
        json.WriteString("type"u8, "array"u8);
        json.WriteStartObject("items"u8);
        json.WriteString("type"u8, "string"u8);
        json.WriteNumber("maxLength"u8, maxChars);
        json.WriteEndObject();
        json.WriteNumber("minItems"u8, least);
        json.WriteNumber("maxItems"u8, most);
    }
}
