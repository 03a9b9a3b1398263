using System.Text;
using System.Text.Json;

namespace Strata.Ipc.Tests;

public sealed class SchemaShapesTests
{
    private const string Schema = """
        {
          "type": "object",
          "properties": {
            "name": { "type": "string", "minLength": 1, "maxLength": 5, "description": "who" },
            "kind": { "type": "string", "enum": ["a", "b"] },
            "count": { "type": "integer", "minimum": 1, "maximum": 3 },
            "tags": { "type": "array", "items": { "type": "string" }, "maxItems": 2 },
            "more": { "type": "object" },
            "point": { "type": "object", "properties": { "x": { "type": "number" }, "up": { "type": "boolean" } }, "required": ["x"] }
          },
          "required": ["name"]
        }
        """;

    [Theory]
    [InlineData("""{ "name": "Ada" }""", null)]
    [InlineData("""{ "name": "Ada", "kind": "a", "count": 3, "tags": ["x", "y"], "more": { "any": [1] }, "point": { "x": 1.5, "up": true } }""", null)]
    [InlineData("{}", "the field \"name\" is missing")]
    [InlineData("""{ "name": "" }""", "the field \"name\" must have 1 to 5 bytes")]
    [InlineData("""{ "name": "Adaaaa" }""", "the field \"name\" must have 1 to 5 bytes")]
    [InlineData("""{ "name": "Ada", "kind": "c" }""", "the field \"kind\" must be one of a, b")]
    [InlineData("""{ "name": "Ada", "count": 4 }""", "the field \"count\" must be a whole number from 1 to 3")]
    [InlineData("""{ "name": "Ada", "count": 1.5 }""", "the field \"count\" must be a whole number from 1 to 3")]
    [InlineData("""{ "name": "Ada", "tags": ["x", "y", "z"] }""", "the field \"tags\" must have at most 2 items")]
    [InlineData("""{ "name": "Ada", "point": {} }""", "the field \"point.x\" is missing")]
    [InlineData("""{ "name": "Ada", "point": { "x": 1, "y": 2 } }""", "unknown field \"point.y\"; it takes x, up")]
    [InlineData("""{ "name": "Ada", "more": { "a": 1, "a": 2 } }""", "the field \"more\" has the key \"a\" twice")]
    [InlineData("""{ "name": "Ada", "more": 1 }""", "the field \"more\" must be an object")]
    [InlineData("""{ "name": "Ada", "name": "Bob" }""", "the field \"name\" is given twice")]
    public void Params_are_held_to_a_schema_as_to_a_record(string json, string? fault)
    {
        var reader = new Utf8JsonReader(Encoding.UTF8.GetBytes(json));
        reader.Read();
        Assert.Equal(fault, Read(Schema).Check(ref reader, "")?.Message);
    }

    [Fact]
    public void What_describe_writes_can_be_read_again()
    {
        var written = Read(Schema).ToSchema().ToJsonString();
        Assert.Equal(written, Read(written).ToSchema().ToJsonString());
        Assert.Equal("""{"type":"object"}""", Read("""{ "type": "object", "additionalProperties": true }""").ToSchema().ToJsonString());
    }

    [Theory]
    [InlineData("""[]""", "params must be a schema")]
    [InlineData("""{}""", "params has no \"type\"")]
    [InlineData("""{ "type": "string" }""", "params must have the type \"object\"")]
    [InlineData("""{ "type": "map" }""", "params has the type \"map\"")]
    [InlineData("""{ "type": "object", "allOf": [] }""", "params has the keyword \"allOf\", which is not enforced")]
    [InlineData("""{ "type": "object", "required": ["a"] }""", "params requires members but has no \"properties\"")]
    [InlineData("""{ "type": "object", "properties": {}, "required": ["a"] }""", "params.required names \"a\", which is no property")]
    [InlineData("""{ "type": "object", "properties": {}, "additionalProperties": true }""", "params takes other members exactly when")]
    [InlineData("""{ "type": "object", "properties": [] }""", "params.properties must be an object")]
    [InlineData("""{ "type": "object", "properties": { "a": { "type": "string", "maxLength": 524289 } } }""", "params.a.maxLength must be a whole number from 0 to 524288")]
    [InlineData("""{ "type": "object", "properties": { "a": { "type": "string", "enum": [] } } }""", "params.a.enum allows nothing")]
    [InlineData("""{ "type": "object", "properties": { "a": { "type": "string", "enum": [1] } } }""", "params.a.enum must be an array")]
    [InlineData("""{ "type": "object", "properties": { "a": { "type": "integer", "minimum": 1.5 } } }""", "params.a.minimum must be a whole number")]
    [InlineData("""{ "type": "object", "properties": { "a": { "type": "array" } } }""", "params.a has no \"items\"")]
    [InlineData("""{ "type": "object", "description": 1 }""", "params.description must be a string")]
    public void A_schema_that_could_not_be_enforced_is_refused(string schema, string fault)
    {
        Assert.StartsWith(fault, Assert.Throws<FormatException>(() => Read(schema)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(8, true)]
    [InlineData(9, false)]
    public void A_schema_is_at_most_8_deep(int depth, bool fits)
    {
        var schema = """{ "type": "object" }""";
        for (var i = 0; i < depth; i++)
        {
            schema = $$"""{ "type": "object", "properties": { "a": {{schema}} } }""";
        }

        Assert.Equal(fits, Record.Exception(() => Read(schema)) is null);
    }

    private static ObjectShape Read(string schema) => SchemaShapes.ReadObject(JsonElement.Parse(schema), "params");
}
