using System.Globalization;
using System.Text.Json;

namespace Strata.Supervision;

/// <summary>A whole number. The validator enforces the range.</summary>
internal sealed class WholeNumberShape(ValueRange<int> range) : FieldShape<int>
{
    internal override string Expected => $"a whole number, {Range}";

    internal override string Range => $"{range.Least} to {range.Most}";

    internal override bool TryRead(JsonPiece piece, string path, FaultSink faults, out int value)
    {
        value = 0;
        return (piece.Kind == JsonValueKind.Number && int.TryParse(piece.Text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out value))
            || Refuse(piece, path, faults, piece.Kind == JsonValueKind.Number ? $"it is {Shown.Text(piece.Text)}" : null);
    }

    internal override void WriteSchema(Utf8JsonWriter json)
    {
        json.WriteString("type"u8, "integer"u8);
        json.WriteNumber("minimum"u8, range.Least);
        json.WriteNumber("maximum"u8, range.Most);
    }
}
