using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Strata.Supervision;

/// <summary>The JSON Schema of manifest files, made from the table that the reader follows.</summary>
public static class ManifestSchema
{
    private const string Dialect = "https://json-schema.org/draft/2020-12/schema";

    /// <summary>Every field, in the order of the documentation.</summary>
    public static IEnumerable<ManifestFieldText> Fields() =>
        ManifestFields.All.Select(f => new ManifestFieldText(f.Path, f.Description, f.Range, f.Default, f.IsRequired));

    /// <summary>The schema as an indented JSON document that ends with a line break.</summary>
    public static string Text()
    {
        var bytes = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(bytes, new JsonWriterOptions { Indented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            json.WriteString("$schema"u8, Dialect);
            json.WriteString("title"u8, "Strata service manifest"u8);
            json.WriteString("description"u8, "NAME.service.json in services.d of the configuration directory; comments and trailing commas are allowed"u8);
            WriteObject(json, "");
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(bytes.WrittenSpan) + "\n";
    }

    private static void WriteObject(Utf8JsonWriter json, string path)
    {
        WriteType(json, isNullable: ManifestFields.Absent(path) is not null);
        json.WriteBoolean("additionalProperties"u8, false);
        json.WriteStartObject("properties"u8);
        foreach (var name in ManifestFields.NamesIn(path))
        {
            json.WriteStartObject(name);
            var inner = path.Length == 0 ? name : $"{path}.{name}";
            if (ManifestFields.Find(inner) is { } field)
            {
                WriteField(json, field);
            }
            else
            {
                WriteObject(json, inner);
            }

            json.WriteEndObject();
        }

        json.WriteEndObject();
        WriteRequired(json, path);
    }

    private static void WriteType(Utf8JsonWriter json, bool isNullable)
    {
        if (!isNullable)
        {
            json.WriteString("type"u8, "object"u8);
            return;
        }

        json.WriteStartArray("type"u8);
        json.WriteStringValue("object"u8);
        json.WriteStringValue("null"u8);
        json.WriteEndArray();
    }

    private static void WriteField(Utf8JsonWriter json, ManifestField field)
    {
        var range = field.Range.Length > 0 ? $" ({field.Range})" : "";
        json.WriteString("description"u8, field.Description + range);
        field.WriteShape(json);
        if (field.Default is { } preset)
        {
            json.WritePropertyName("default"u8);
            json.WriteRawValue(preset);
        }
    }

    private static void WriteRequired(Utf8JsonWriter json, string path)
    {
        // Only a file as a whole has fields that must be there; an object inside may be left out, and so may each of its fields.
        if (path.Length == 0)
        {
            json.WriteStartArray("required"u8);
            foreach (var field in ManifestFields.All.Where(f => f.IsRequired))
            {
                json.WriteStringValue(field.Path);
            }

            json.WriteEndArray();
        }
    }
}
