using System.Text.Json;

namespace Strata.Ipc;

/// <summary>
/// Reads shapes from JSON Schema, for services whose methods are declared in a file and not by records. The subset is what
/// <c>describe</c> writes; a keyword outside it is refused, since ignoring it would let through what its author meant to refuse.
/// </summary>
/// <remarks>
/// <c>object</c> with <c>properties</c> and <c>required</c> is closed; without <c>properties</c> it takes any members.
/// <c>string</c> has <c>minLength</c>, <c>maxLength</c> (bytes of UTF-8) and <c>enum</c>; <c>integer</c> has <c>minimum</c> and
/// <c>maximum</c>; <c>array</c> has <c>items</c> and <c>maxItems</c>; <c>number</c> and <c>boolean</c> have none. Each may have a <c>description</c>.
/// </remarks>
public static class SchemaShapes
{
    /// <summary>The longest string that a schema may allow, in bytes.</summary>
    public const int MaxStringBytes = 512 * 1024;

    /// <summary>The most items or members that a schema may allow.</summary>
    public const int MaxItems = 4096;

    private const int MaxDepth = 8;

    /// <summary>The shape of params or of a result.</summary>
    /// <param name="schema">A schema of type <c>object</c>.</param>
    /// <param name="field">Where it stands, for messages.</param>
    /// <exception cref="FormatException">The schema is not of the subset; the message begins with the field at fault.</exception>
    public static ObjectShape ReadObject(JsonElement schema, string field) =>
        Read(schema, field, 0) as ObjectShape ?? throw Fault(field, "must have the type \"object\"");

    private static JsonShape Read(JsonElement schema, string field, int depth)
    {
        if (schema.ValueKind != JsonValueKind.Object || depth > MaxDepth)
        {
            throw Fault(field, depth > MaxDepth ? $"lies more than {MaxDepth} deep" : "must be a schema such as {\"type\": \"string\"}");
        }

        var type = Text(schema, "type", field) ?? throw Fault(field, "has no \"type\"");
        var description = Text(schema, "description", field);
        switch (type)
        {
            case "string":
                Only(schema, field, "minLength", "maxLength", "enum");
                return new StringShape(Count(schema, "minLength", field, 0, MaxStringBytes), Count(schema, "maxLength", field, ShapeBuilder.DefaultMaxStringBytes, MaxStringBytes), Choices(schema, field))
                {
                    Description = description,
                };
            case "integer":
                Only(schema, field, "minimum", "maximum");
                return new IntegerShape(Whole(schema, "minimum", field, long.MinValue), Whole(schema, "maximum", field, long.MaxValue)) { Description = description };
            case "number":
                Only(schema, field);
                return new NumberShape { Description = description };
            case "boolean":
                Only(schema, field);
                return new BooleanShape { Description = description };
            case "array":
                Only(schema, field, "items", "maxItems");
                var items = schema.TryGetProperty("items", out var item) ? Read(item, field + ".items", depth + 1) : throw Fault(field, "has no \"items\"");
                return new ArrayShape(items, Count(schema, "maxItems", field, ShapeBuilder.DefaultMaxItems, MaxItems)) { Description = description };
            case "object":
                Only(schema, field, "properties", "required", "additionalProperties");
                return ObjectOf(schema, field, description, depth);
            default:
                throw Fault(field, $"has the type \"{type}\"; it may be string, integer, number, boolean, array or object");
        }
    }

    private static ObjectShape ObjectOf(JsonElement schema, string field, string? description, int depth)
    {
        var closed = schema.TryGetProperty("properties", out var properties);
        if (schema.TryGetProperty("additionalProperties", out var more) && more.ValueKind != (closed ? JsonValueKind.False : JsonValueKind.True))
        {
            throw Fault(field, "takes other members exactly when it has no \"properties\"; leave additionalProperties out");
        }

        var required = Texts(schema, "required", field);
        if (!closed)
        {
            return required.Length == 0 ? new ObjectShape([]) { IsFree = true, Description = description } : throw Fault(field, "requires members but has no \"properties\"");
        }

        if (properties.ValueKind != JsonValueKind.Object || properties.GetPropertyCount() > ObjectShape.MaxMembers)
        {
            throw Fault(field + ".properties", $"must be an object of at most {ObjectShape.MaxMembers} members");
        }

        var members = properties.EnumerateObject()
            .Select(p => new MemberShape(p.Name, Read(p.Value, $"{field}.{p.Name}", depth + 1), required.Contains(p.Name), null)).ToList();
        return required.FirstOrDefault(r => members.All(m => m.Name != r)) is { } unknown
            ? throw Fault(field + ".required", $"names \"{unknown}\", which is no property")
            : new ObjectShape(members) { Description = description };
    }

    private static void Only(JsonElement schema, string field, params ReadOnlySpan<string> keywords)
    {
        foreach (var keyword in schema.EnumerateObject())
        {
            if (keyword.Name is not ("type" or "description") && !keywords.Contains(keyword.Name))
            {
                throw Fault(field, $"has the keyword \"{JsonText.Shorten(System.Text.Encoding.UTF8.GetBytes(keyword.Name))}\", which is not enforced for its type; leave it out");
            }
        }
    }

    private static string? Text(JsonElement schema, string keyword, string field) =>
        !schema.TryGetProperty(keyword, out var value) ? null
        : value.ValueKind == JsonValueKind.String ? value.GetString()
        : throw Fault($"{field}.{keyword}", "must be a string");

    private static string[] Texts(JsonElement schema, string keyword, string field)
    {
        if (!schema.TryGetProperty(keyword, out var value))
        {
            return [];
        }

        return value.ValueKind == JsonValueKind.Array && value.GetArrayLength() <= ObjectShape.MaxMembers && value.EnumerateArray().All(v => v.ValueKind == JsonValueKind.String)
            ? [.. value.EnumerateArray().Select(v => v.GetString()!)]
            : throw Fault($"{field}.{keyword}", $"must be an array of at most {ObjectShape.MaxMembers} strings");
    }

    private static string[] Choices(JsonElement schema, string field) =>
        Texts(schema, "enum", field) is { Length: 0 } && schema.TryGetProperty("enum", out _)
            ? throw Fault(field + ".enum", "allows nothing")
            : Texts(schema, "enum", field);

    private static int Count(JsonElement schema, string keyword, string field, int fallback, int most) =>
        !schema.TryGetProperty(keyword, out var value) ? fallback
        : value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var count) && count >= 0 && count <= most ? count
        : throw Fault($"{field}.{keyword}", $"must be a whole number from 0 to {most}");

    private static long Whole(JsonElement schema, string keyword, string field, long fallback) =>
        !schema.TryGetProperty(keyword, out var value) ? fallback
        : value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var number) ? number
        : throw Fault($"{field}.{keyword}", "must be a whole number");

    private static FormatException Fault(string field, string problem) => new($"{field} {problem}");
}
