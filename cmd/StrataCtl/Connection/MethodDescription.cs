using System.Text.Json;

namespace Strata.StrataCtl.Connection;

/// <summary>One method as its service describes it.</summary>
/// <param name="Json">The description as received.</param>
internal sealed record MethodDescription(JsonElement Json)
{
    public string Name => Text("name") ?? "";

    public string Summary => Text("summary") ?? "";

    public string Access => Text("access") ?? "";

    public string? Right => Text("right");

    /// <summary>Rights that it asks for besides, when what is asked for takes them.</summary>
    public IReadOnlyList<string> FurtherRights => Texts("further_rights");

    public bool Streaming => Json.TryGetProperty("streaming", out var value) && value.ValueKind == JsonValueKind.True;

    public IReadOnlyList<string> Errors => Texts("errors");

    public IReadOnlyList<FieldDescription> Params => Fields("params");

    public IReadOnlyList<FieldDescription> Result => Fields("result");

    private string[] Texts(string name) =>
        Json.TryGetProperty(name, out var values) && values.ValueKind == JsonValueKind.Array ? [.. values.EnumerateArray().Select(e => e.ToString())] : [];

    private string? Text(string name) => Json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private FieldDescription[] Fields(string name) =>
        Json.TryGetProperty(name, out var schema) && schema.ValueKind == JsonValueKind.Object ? FieldDescription.Of(schema) : [];
}
