using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;

namespace Strata.Ipc.Tests;

/// <summary>The table of a record as the protocol page shows it, from the same shape that requests are held to.</summary>
internal static class ContractTable
{
    public static IReadOnlyList<string> OfParams(JsonTypeInfo type) => Of(type, "params", "required");

    public static IReadOnlyList<string> OfResult(JsonTypeInfo type) => Of(type, "result", "always");

    private static string[] Of(JsonTypeInfo type, string head, string required)
    {
        var rows = Rows(ShapeBuilder.ForRecord(type).ToSchema(), "", head == "params", required).ToArray();
        return rows.Length == 0 ? [$"No {head}."] : [$"| {head} | type | presence | meaning |", "|---|---|---|---|", .. rows];
    }

    private static IEnumerable<string> Rows(JsonObject schema, string path, bool bounds, string required)
    {
        var needed = schema["required"]?.AsArray().Select(n => (string)n!).ToHashSet() ?? [];
        foreach (var (name, node) in schema["properties"]!.AsObject())
        {
            var member = node!.AsObject();
            var presence = needed.Contains(name) ? required : bounds && member["default"] is { } value ? $"default `{value.ToJsonString()}`" : "optional";
            yield return $"| `{path}{name}` | {TypeOf(member, bounds)} | {presence} | {member["description"]} |";
            var inner = member["items"] as JsonObject ?? member;
            if (inner["properties"] is not null)
            {
                foreach (var row in Rows(inner, $"{path}{name}{(inner == member ? "" : "[]")}.", bounds, required))
                {
                    yield return row;
                }
            }
        }
    }

    private static string TypeOf(JsonObject member, bool bounds)
    {
        switch ((string?)member["type"])
        {
            case "array":
                var items = $"array of {TypeOf(member["items"]!.AsObject(), bounds)}";
                return bounds ? $"{items}, at most {member["maxItems"]} items" : items;
            case "string" when member["contentEncoding"] is not null:
                return "base64 string";
            case "string" when member["enum"] is JsonArray allowed:
                return $"one of {string.Join(", ", allowed.Select(a => $"`{a!.ToJsonString()}`"))}";
            case "string":
                return bounds ? $"string, {(member["minLength"] is null ? "at most" : "1 to")} {member["maxLength"]} bytes" : "string";
            case "integer" when bounds && (long)member["maximum"]! < long.MaxValue:
                return $"whole number, {member["minimum"]} to {member["maximum"]}";
            case "integer":
                return bounds && (long)member["minimum"]! > long.MinValue ? $"whole number, at least {member["minimum"]}" : "whole number";
            case { } other:
                return other;
            default:
                return "any";
        }
    }
}
