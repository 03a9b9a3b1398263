using System.Text.Json;

namespace Strata.Supervision;

/// <summary>True or false.</summary>
internal sealed class FlagShape : FieldShape<bool>
{
    internal override string Expected => "true or false";

    internal override bool TryRead(JsonPiece piece, string path, FaultSink faults, out bool value)
    {
        value = piece.Kind == JsonValueKind.True;
        return piece.Kind is JsonValueKind.True or JsonValueKind.False || Refuse(piece, path, faults);
    }

    internal override void WriteSchema(Utf8JsonWriter json) => json.WriteString("type"u8, "boolean"u8);
}
