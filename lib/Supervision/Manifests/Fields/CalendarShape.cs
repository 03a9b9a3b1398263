using System.Text.Json;

namespace Strata.Supervision;

/// <summary>A time of day, on some or all days of the week.</summary>
internal sealed class CalendarShape : FieldShape<CalendarTime>
{
    internal override string Expected => "a time such as \"03:30\", \"mon-fri 06:00\" or \"sat,sun 12:15\"";

    internal override string Range => "HH:MM, with days of the week before it";

    internal override bool TryRead(JsonPiece piece, string path, FaultSink faults, out CalendarTime value)
    {
        value = null!;
        return piece.Kind == JsonValueKind.String ? CalendarTime.TryParse(piece.Text, out value) || Refuse(piece, path, faults, "") : Refuse(piece, path, faults);
    }

    internal override void WriteSchema(Utf8JsonWriter json)
    {
        json.WriteString("type"u8, "string"u8);
        json.WriteString("pattern"u8, CalendarTime.Pattern);
    }
}
