using System.Text.Json;
using System.Text.Json.Nodes;

namespace Strata.Ipc;

/// <summary>
/// The shape of a params or result record: what <c>describe</c> prints as JSON Schema and what requests are held to.
/// One object serves both, so that the two cannot disagree.
/// </summary>
public abstract class JsonShape
{
    /// <summary>A sentence for people, from <c>[Description]</c>; null for none.</summary>
    public string? Description { get; init; }

    /// <summary>True when <c>null</c> is accepted and means the same as leaving the field out.</summary>
    public bool Nullable { get; init; }

    /// <summary>The JSON Schema of this shape.</summary>
    public JsonObject ToSchema()
    {
        var schema = new JsonObject();
        WriteSchema(schema);
        if (Description is not null)
        {
            schema["description"] = Description;
        }

        return schema;
    }

    /// <summary>
    /// Checks the value at the reader's current token and leaves the reader on the value's last token.
    /// </summary>
    /// <param name="reader">Positioned on the value's first token.</param>
    /// <param name="field">Name of the field for messages, e.g. <c>constraints.path_prefix</c>.</param>
    /// <returns>Null when it fits.</returns>
    internal abstract RpcError? Check(ref Utf8JsonReader reader, string field);

    /// <summary>Adds this shape's keywords to its schema.</summary>
    protected abstract void WriteSchema(JsonObject schema);

    /// <summary>The error for a value of the wrong type or outside its bounds.</summary>
    protected static RpcError Fault(string field, string expectation) =>
        RpcError.InvalidField(field, $"the field \"{field}\" {expectation}");

    /// <summary>Skips the value and reports it.</summary>
    protected static RpcError Wrong(ref Utf8JsonReader reader, string field, string expectation)
    {
        reader.Skip();
        return Fault(field, expectation);
    }
}
