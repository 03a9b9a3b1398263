using System.Text.Json;

namespace Strata.StrataCtl.Connection;

/// <summary>One member of a method's params or result, read from its JSON Schema.</summary>
internal sealed record FieldDescription(string Name, string Type, bool Required, string? Default, string? Description)
{
    public static FieldDescription[] Of(JsonElement schema)
    {
        if (!schema.TryGetProperty("properties", out var properties) || properties.ValueKind != JsonValueKind.Object)
        {
            return [];
        }

        HashSet<string> required = schema.TryGetProperty("required", out var names) && names.ValueKind == JsonValueKind.Array
            ? [.. names.EnumerateArray().Select(n => n.ToString())]
            : [];
        return [.. properties.EnumerateObject().Select(p => new FieldDescription(
            p.Name, TypeOf(p.Value), required.Contains(p.Name), Raw(p.Value, "default"), Raw(p.Value, "description")))];
    }

    private static string TypeOf(JsonElement schema)
    {
        if (schema.ValueKind != JsonValueKind.Object)
        {
            return "any";
        }

        if (schema.TryGetProperty("enum", out var allowed) && allowed.ValueKind == JsonValueKind.Array)
        {
            return string.Join('|', allowed.EnumerateArray().Select(a => a.ToString()));
        }

        var type = Raw(schema, "type") ?? "any";
        return type == "array" && schema.TryGetProperty("items", out var items) ? $"{TypeOf(items)}[]" : Raw(schema, "contentEncoding") ?? type;
    }

    private static string? Raw(JsonElement schema, string name) =>
        schema.ValueKind == JsonValueKind.Object && schema.TryGetProperty(name, out var value) ? value.ToString() : null;
}
