using System.Text.Json;

namespace Strata.Supervision;

/// <summary>What the value of a field looks like: how it is read, and how the schema says so.</summary>
internal abstract class FieldShape<T>
{
    /// <summary>Continues "must be ", e.g. <c>a time such as "250ms" or "5s"</c>.</summary>
    internal abstract string Expected { get; }

    /// <summary>The range in words for the documentation; empty when there is none to tell.</summary>
    internal virtual string Range => "";

    /// <summary>Takes the value out of a piece; false, with a fault, when it is of another shape.</summary>
    internal abstract bool TryRead(JsonPiece piece, string path, FaultSink faults, out T value);

    /// <summary>Writes the members of the schema that describe the value.</summary>
    internal abstract void WriteSchema(Utf8JsonWriter json);

    /// <summary>Adds the usual fault, and is false.</summary>
    protected bool Refuse(JsonPiece piece, string path, FaultSink faults, string? note = null)
    {
        var found = piece.Kind is JsonValueKind.String && note is not null ? $"\"{Shown.Text(piece.Text)}\"" : piece.KindInWords;
        faults.Add(piece.Offset, path, $"must be {Expected}, not {found}{(note is { Length: > 0 } ? "; " + note : "")}");
        return false;
    }
}
