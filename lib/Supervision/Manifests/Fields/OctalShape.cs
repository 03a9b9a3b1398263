using System.Text.Json;

namespace Strata.Supervision;

/// <summary>Permission bits as they are written everywhere: octal digits in a text. JSON has no octal numbers, and a decimal one would mean others.</summary>
internal sealed class OctalShape : FieldShape<int>
{
    private const string Pattern = "^0?[0-7]{3}$";

    internal override string Expected => "permission bits such as \"0660\"";

    internal override string Range => "000 to 777";

    internal override bool TryRead(JsonPiece piece, string path, FaultSink faults, out int value)
    {
        value = 0;
        if (piece.Kind != JsonValueKind.String)
        {
            return Refuse(piece, path, faults);
        }

        var digits = piece.Text is ['0', .. { Length: 3 } rest] ? rest : piece.Text;
        if (digits.Length != 3 || digits.Any(c => c is < '0' or > '7'))
        {
            return Refuse(piece, path, faults, "three octal digits, with or without a 0 before them");
        }

        value = digits.Aggregate(0, (bits, digit) => (bits * 8) + (digit - '0'));
        return true;
    }

    internal override void WriteSchema(Utf8JsonWriter json)
    {
        json.WriteString("type"u8, "string"u8);
        json.WriteString("pattern"u8, Pattern);
    }
}
