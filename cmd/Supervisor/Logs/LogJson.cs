using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using Strata.Supervision;

namespace Strata.Supervisor;

/// <summary>A line as it stands in a log file: the members of one line of <c>supervisor.logs</c>, on a line of their own.</summary>
internal static class LogJson
{
    // Relaxed: other scripts stay readable in the file, and every control character is still escaped.
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    internal static void Write(ArrayBufferWriter<byte> output, LogLine line)
    {
        using (var json = new Utf8JsonWriter(output, Options))
        {
            json.WriteStartObject();
            json.WriteNumber("seq"u8, line.Sequence);
            json.WriteString("time"u8, LogNames.Of(line.Time));
            json.WriteString("service"u8, line.Service);
            json.WriteString("stream"u8, LogNames.Of(line.Source));
            json.WriteNumber("incarnation"u8, line.Incarnation);
            json.WriteString("text"u8, line.Text);
            if (line.Cut)
            {
                json.WriteBoolean("cut"u8, true);
            }

            if (line.Lost > 0)
            {
                json.WriteNumber("lost"u8, line.Lost);
            }

            json.WriteEndObject();
        }

        output.Write("\n"u8);
    }

    /// <summary>Reads a line back; null when it is torn or was never one of these.</summary>
    /// <param name="service">Whose file it is: a line of another is none.</param>
    /// <param name="text">The line.</param>
    internal static LogLine? Read(string service, ReadOnlyMemory<byte> text)
    {
        try
        {
            using var document = JsonDocument.Parse(text);
            var line = document.RootElement;
            return line.GetProperty("service"u8).GetString() == service
                && line.GetProperty("seq"u8).TryGetInt64(out var sequence) && sequence is > 0 and < long.MaxValue / 2
                && LogNames.SourceOf(line.GetProperty("stream"u8).GetString()) is { } source
                && LogNames.TimeOf(line.GetProperty("time"u8).GetString()) is { } time
                && line.GetProperty("text"u8).GetString() is { Length: <= LineSplitter.MaxLineBytes } words
                ? new LogLine
                {
                    Sequence = sequence,
                    Time = time,
                    Service = service,
                    Source = source,
                    Incarnation = line.GetProperty("incarnation"u8).GetInt32(),
                    Text = words,
                    Cut = line.TryGetProperty("cut"u8, out var cut) && cut.GetBoolean(),
                    Lost = line.TryGetProperty("lost"u8, out var lost) ? lost.GetInt64() : 0,
                }
                : null;
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            return null;
        }
    }
}
