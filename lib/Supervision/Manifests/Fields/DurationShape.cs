using System.Text.Json;

namespace Strata.Supervision;

/// <summary>A span of time, written with its unit. The validator enforces the range.</summary>
internal sealed class DurationShape(ValueRange<TimeSpan> range) : FieldShape<TimeSpan>
{
    internal override string Expected => "a time such as \"250ms\", \"5s\", \"2m\" or \"1h\"";

    internal override string Range => $"{DurationText.Of(range.Least)} to {DurationText.Of(range.Most)}";

    internal override bool TryRead(JsonPiece piece, string path, FaultSink faults, out TimeSpan value)
    {
        value = default;
        return piece.Kind switch
        {
            JsonValueKind.String => DurationText.TryParse(piece.Text, out value) || Refuse(piece, path, faults, ""),
            JsonValueKind.Number => Refuse(piece, path, faults, $"put the unit behind it and quotes around: \"{Shown.Text(piece.Text)}s\""),
            _ => Refuse(piece, path, faults),
        };
    }

    internal override void WriteSchema(Utf8JsonWriter json)
    {
        json.WriteString("type"u8, "string"u8);
        json.WriteString("pattern"u8, DurationText.Pattern);
    }
}
