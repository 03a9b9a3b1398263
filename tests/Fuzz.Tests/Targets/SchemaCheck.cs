using System.Text.Json;
using System.Text.RegularExpressions;
using Strata.Supervision;

namespace Strata.Fuzz.Tests;

/// <summary>The published schema of manifests, applied: it must not refuse what the reader takes, or editors mark what is right.</summary>
internal static class SchemaCheck
{
    private static readonly JsonElement Schema = JsonDocument.Parse(ManifestSchema.Text()).RootElement;
    private static readonly Dictionary<string, Regex> Patterns = new(StringComparer.Ordinal);

    /// <summary>The first thing that the schema says against a manifest; null when there is none.</summary>
    internal static string? FaultOf(JsonElement manifest) => FaultOf(Schema, manifest, "");

    private static string? FaultOf(JsonElement schema, JsonElement value, string path)
    {
        foreach (var rule in schema.EnumerateObject())
        {
            if (Breaks(rule.Name, rule.Value, schema, value, path) is { } fault)
            {
                return fault;
            }
        }

        return null;
    }

    private static string? Breaks(string rule, JsonElement wanted, JsonElement schema, JsonElement value, string path)
    {
        var holds = rule switch
        {
            "type" => wanted.ValueKind == JsonValueKind.Array ? wanted.EnumerateArray().Any(type => IsOf(type.GetString()!, value)) : IsOf(wanted.GetString()!, value),
            "enum" => wanted.EnumerateArray().Any(one => JsonElement.DeepEquals(one, value)),
            "pattern" => value.ValueKind != JsonValueKind.String || Pattern(wanted.GetString()!).IsMatch(value.GetString()!),
            "maxLength" => value.ValueKind != JsonValueKind.String || value.GetString()!.EnumerateRunes().Count() <= wanted.GetInt32(),
            "minItems" => value.ValueKind != JsonValueKind.Array || value.GetArrayLength() >= wanted.GetInt32(),
            "maxItems" => value.ValueKind != JsonValueKind.Array || value.GetArrayLength() <= wanted.GetInt32(),
            "maxProperties" => value.ValueKind != JsonValueKind.Object || value.GetPropertyCount() <= wanted.GetInt32(),
            "minimum" => value.ValueKind != JsonValueKind.Number || value.GetDouble() >= wanted.GetDouble(),
            "maximum" => value.ValueKind != JsonValueKind.Number || value.GetDouble() <= wanted.GetDouble(),
            "required" => value.ValueKind != JsonValueKind.Object || wanted.EnumerateArray().All(name => value.TryGetProperty(name.GetString()!, out _)),
            "items" or "properties" or "additionalProperties" or "default" or "description" or "title" or "$schema" => true,
            _ => throw new NotSupportedException($"the schema has a rule {rule} that this check does not know"),
        };
        return !holds ? $"{path}: {rule}" : rule switch
        {
            "items" when value.ValueKind == JsonValueKind.Array => value.EnumerateArray().Select((item, i) => FaultOf(wanted, item, $"{path}[{i}]")).FirstOrDefault(fault => fault is not null),
            "properties" when value.ValueKind == JsonValueKind.Object => value.EnumerateObject().Select(member => wanted.TryGetProperty(member.Name, out var inner) ? FaultOf(inner, member.Value, $"{path}.{member.Name}") : null).FirstOrDefault(fault => fault is not null),
            "additionalProperties" when value.ValueKind == JsonValueKind.Object => FaultOfFurther(schema, wanted, value, path),
            _ => null,
        };
    }

    private static string? FaultOfFurther(JsonElement schema, JsonElement wanted, JsonElement value, string path)
    {
        var further = value.EnumerateObject().Where(member => !schema.TryGetProperty("properties", out var known) || !known.TryGetProperty(member.Name, out _));
        return wanted.ValueKind == JsonValueKind.False
            ? further.Select(member => $"{path}.{member.Name}: is not in the schema").FirstOrDefault()
            : further.Select(member => FaultOf(wanted, member.Value, $"{path}.{member.Name}")).FirstOrDefault(fault => fault is not null);
    }

    private static bool IsOf(string type, JsonElement value) => type switch
    {
        "object" => value.ValueKind == JsonValueKind.Object,
        "array" => value.ValueKind == JsonValueKind.Array,
        "string" => value.ValueKind == JsonValueKind.String,
        "boolean" => value.ValueKind is JsonValueKind.True or JsonValueKind.False,
        "null" => value.ValueKind == JsonValueKind.Null,
        "integer" => value.ValueKind == JsonValueKind.Number && double.IsInteger(value.GetDouble()),
        _ => value.ValueKind == JsonValueKind.Number,
    };

    private static Regex Pattern(string text)
    {
        if (!Patterns.TryGetValue(text, out var pattern))
        {
            Patterns[text] = pattern = new Regex(text, RegexOptions.Compiled | RegexOptions.CultureInvariant);
        }

        return pattern;
    }
}
