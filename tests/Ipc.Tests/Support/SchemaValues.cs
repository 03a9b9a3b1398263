using System.Text.Json.Nodes;

namespace Strata.Ipc.Tests;

/// <summary>Makes values that a JSON Schema of <c>describe</c> allows, and values that it forbids, knowing nothing else.</summary>
internal sealed class SchemaValues(Random random)
{
    /// <summary>A value that fits.</summary>
    public JsonNode Valid(JsonObject schema) => (string?)schema["type"] switch
    {
        "object" when schema["properties"] is JsonObject properties => Object(schema, properties),
        "object" => Map(schema),
        "array" => new JsonArray([.. Enumerable.Range(0, Upto((int?)schema["maxItems"])).Select(_ => Valid(schema["items"]!.AsObject()))]),
        "string" => String(schema),
        "integer" => JsonValue.Create(Between((long)schema["minimum"]!, (long)schema["maximum"]!)),
        "number" => JsonValue.Create(random.NextDouble() * 1000),
        "boolean" => JsonValue.Create(random.Next(2) == 0),
        _ => new JsonArray(1, "any", new JsonObject { ["x"] = true }),
    };

    /// <summary>Breaks a valid object in one place and returns the name of the field at fault.</summary>
    public string Break(JsonObject schema, JsonObject value)
    {
        var properties = schema["properties"]!.AsObject();
        var (name, member) = properties.Where(p => p.Value!["type"] is not null).ElementAt(random.Next(properties.Count(p => p.Value!["type"] is not null)));
        switch (random.Next(3))
        {
            case 0 when schema["required"] is JsonArray required:
                name = (string)required[random.Next(required.Count)]!;
                value.Remove(name);
                return name;
            case 1:
                name = $"not_{name}";
                value[name] = 1;
                return name;
            default:
                value[name] = Invalid(member!.AsObject());
                return name;
        }
    }

    private JsonNode Invalid(JsonObject schema)
    {
        var outside = (string)schema["type"]! switch
        {
            "integer" when (long)schema["maximum"]! < long.MaxValue && random.Next(2) == 0 => JsonValue.Create((long)schema["maximum"]! + 1),
            "integer" when (long)schema["minimum"]! > long.MinValue => JsonValue.Create((long)schema["minimum"]! - 1),
            "string" when schema["enum"] is not null => JsonValue.Create("none of them"),
            "string" when (int?)schema["maxLength"] is { } most => JsonValue.Create(new string('x', most + 1)),
            "array" when (int?)schema["maxItems"] is { } most =>
                (JsonNode)new JsonArray([.. Enumerable.Range(0, most + 1).Select(_ => Valid(schema["items"]!.AsObject()))]),
            "object" when (int?)schema["maxProperties"] is { } most =>
                new JsonObject(Enumerable.Range(0, most + 1).Select(i => KeyValuePair.Create($"k{i}", (JsonNode?)Valid(schema["additionalProperties"]!.AsObject())))),
            _ => null,
        };
        return outside is not null && random.Next(2) == 0 ? outside : WrongType((string)schema["type"]!);
    }

    private JsonNode WrongType(string type)
    {
        var others = new (string Type, JsonNode Value)[]
        {
            ("string", JsonValue.Create("%text%")), ("boolean", JsonValue.Create(true)), ("array", new JsonArray()), ("object", new JsonObject()), ("number", JsonValue.Create(1.5)),
        }.Where(o => o.Type != type).ToArray();
        return others[random.Next(others.Length)].Value;
    }

    private JsonObject Object(JsonObject schema, JsonObject properties)
    {
        var required = schema["required"]?.AsArray().Select(n => (string)n!).ToHashSet() ?? [];
        return new JsonObject(properties
            .Where(p => required.Contains(p.Key) || random.Next(2) == 0)
            .Select(p => KeyValuePair.Create(p.Key, (JsonNode?)Valid(p.Value!.AsObject()))));
    }

    private JsonObject Map(JsonObject schema) => new(Enumerable.Range(0, Upto((int?)schema["maxProperties"]))
        .Select(i => KeyValuePair.Create($"k{i}", (JsonNode?)Valid(schema["additionalProperties"]!.AsObject()))));

    private JsonValue String(JsonObject schema)
    {
        if (schema["enum"] is JsonArray allowed)
        {
            return JsonValue.Create((string)allowed[random.Next(allowed.Count)]!);
        }

        if ((string?)schema["contentEncoding"] == "base64")
        {
            var bytes = new byte[random.Next(20)];
            random.NextBytes(bytes);
            return JsonValue.Create(Convert.ToBase64String(bytes));
        }

        var (least, most) = ((int?)schema["minLength"] ?? 0, (int?)schema["maxLength"] ?? 100);
        return JsonValue.Create(new string((char)random.Next('!', '~'), random.Next(2) == 0 ? most : random.Next(least, most + 1)));
    }

    private int Upto(int? most) => random.Next((most ?? 3) + 1);

    private long Between(long min, long max) => random.Next(4) switch
    {
        0 => min,
        1 => max,
        _ => random.NextInt64(min, max == long.MaxValue ? max : max + 1),
    };
}
