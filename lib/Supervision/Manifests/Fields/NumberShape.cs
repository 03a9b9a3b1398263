using System.Globalization;
using System.Text.Json;

namespace Strata.Supervision;

/// <summary>A number. The validator enforces the range.</summary>
internal sealed class NumberShape(ValueRange<double> range) : FieldShape<double>
{
    internal override string Expected => $"a number, {Range}";

    internal override string Range => string.Create(CultureInfo.InvariantCulture, $"{range.Least} to {range.Most}");

    internal override bool TryRead(JsonPiece piece, string path, FaultSink faults, out double value)
    {
        value = 0;
        return (piece.Kind == JsonValueKind.Number && double.TryParse(piece.Text, NumberStyles.Float, CultureInfo.InvariantCulture, out value))
            || Refuse(piece, path, faults);
    }

    internal override void WriteSchema(Utf8JsonWriter json)
    {
        json.WriteString("type"u8, "number"u8);
        json.WriteNumber("minimum"u8, range.Least);
        json.WriteNumber("maximum"u8, range.Most);
    }
}
