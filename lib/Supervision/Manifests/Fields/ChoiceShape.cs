using System.Text.Json;

namespace Strata.Supervision;

/// <summary>One of a few words.</summary>
/// <param name="choices">Each word and what it means.</param>
internal sealed class ChoiceShape<T>(params (string Word, T Value)[] choices) : FieldShape<T>
{
    internal override string Expected => (choices.Length > 1 ? "one of " : "") + string.Join(", ", choices.Select(c => $"\"{c.Word}\""));

    internal override string Range => string.Join(", ", choices.Select(c => c.Word));

    internal override bool TryRead(JsonPiece piece, string path, FaultSink faults, out T value)
    {
        var found = choices.FirstOrDefault(c => piece.Kind == JsonValueKind.String && c.Word == piece.Text);
        value = found.Value;
        return found.Word is not null
            || Refuse(piece, path, faults, NearestName.Hint(piece.Text, choices.Select(c => c.Word)).TrimStart(';', ' '));
    }

    internal override void WriteSchema(Utf8JsonWriter json)
    {
        json.WriteStartArray("enum"u8);
        foreach (var (word, _) in choices)
        {
            json.WriteStringValue(word);
        }

        json.WriteEndArray();
    }
}
