using System.Text.Json;

namespace Strata.Supervision;

/// <summary>A number of bytes, written with its unit. The validator enforces the range.</summary>
internal sealed class SizeShape(ValueRange<long> range) : FieldShape<long>
{
    internal override string Expected => "a size such as \"64K\", \"256M\" or \"1G\"";

    internal override string Range => $"{SizeText.Of(range.Least)} to {SizeText.Of(range.Most)}";

    internal override bool TryRead(JsonPiece piece, string path, FaultSink faults, out long value)
    {
        value = 0;
        return piece.Kind == JsonValueKind.String ? SizeText.TryParse(piece.Text, out value) || Refuse(piece, path, faults, "") : Refuse(piece, path, faults);
    }

    internal override void WriteSchema(Utf8JsonWriter json)
    {
        json.WriteString("type"u8, "string"u8);
        json.WriteString("pattern"u8, SizeText.Pattern);
    }
}
