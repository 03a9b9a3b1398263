using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Strata.StrataCtl.Output;

/// <summary>Standard output as a command sees it: tables and lines for people, or JSON for scripts.</summary>
/// <param name="stdout">Where to.</param>
/// <param name="json">True when <c>--json</c> was given.</param>
/// <param name="coloured">True when colours are wanted.</param>
internal sealed class OutputWriter(Stream stdout, bool json, bool coloured)
{
    // Relaxed: text stays readable, and every control character is still escaped.
    private static readonly JavaScriptEncoder Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping;

    public bool Json => json;

    public bool Coloured => coloured;

    public void Table(Table table) => Raw(table.Render(coloured));

    public void Fields(IReadOnlyList<(string Name, Cell Value)> fields) => Raw(Output.Table.RenderFields(fields, coloured));

    /// <summary>One line, made safe for a terminal.</summary>
    public void Line(string text, Tone tone = Tone.Plain) => Raw(Tones.Paint(SafeText.Of(text), tone, coloured) + "\n");

    /// <summary>One JSON document.</summary>
    public void Document(Action<Utf8JsonWriter> write) => WriteJson(write, indented: true);

    /// <summary>A document of one list.</summary>
    public void List<T>(string name, IEnumerable<T> items, JsonTypeInfo<T> type) => Document(json =>
    {
        json.WriteStartObject();
        json.WriteStartArray(name);
        foreach (var item in items)
        {
            JsonSerializer.Serialize(json, item, type);
        }

        json.WriteEndArray();
        json.WriteEndObject();
    });

    /// <summary>One JSON document, as a service answered it; an empty answer is the empty object.</summary>
    public void Document(ReadOnlyMemory<byte> answer) => WriteJson(answer, indented: true);

    /// <summary>One line of JSON, a part of a larger answer.</summary>
    public void JsonLine(JsonElement part) => WriteJson(part.WriteTo, indented: false);

    /// <summary>One line of JSON, for streams.</summary>
    public void JsonLine(ReadOnlyMemory<byte> answer) => WriteJson(answer, indented: false);

    /// <summary>Text as it is; the caller answers for every character.</summary>
    public void Raw(string text) => stdout.Write(Encoding.UTF8.GetBytes(text));

    /// <summary>Bytes as they are.</summary>
    public void Raw(ReadOnlyMemory<byte> bytes) => stdout.Write(bytes.Span);

    private void WriteJson(ReadOnlyMemory<byte> answer, bool indented)
    {
        using var document = JsonDocument.Parse(answer.IsEmpty ? "{}"u8.ToArray() : answer);
        WriteJson(document.RootElement.WriteTo, indented);
    }

    private void WriteJson(Action<Utf8JsonWriter> write, bool indented)
    {
        var bytes = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(bytes, new JsonWriterOptions { Indented = indented, Encoder = Encoder }))
        {
            write(writer);
        }

        bytes.Write("\n"u8);
        stdout.Write(bytes.WrittenSpan);
    }
}
