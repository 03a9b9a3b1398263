using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Strata.Ipc;
using Strata.StrataCtl.Connection;
using Strata.StrataCtl.Output;

namespace Strata.StrataCtl.Errors;

/// <summary>Shows a failed call on standard error: in words, or as one line of JSON.</summary>
internal static class ErrorReport
{
    public static string Text(CallFailure failure, bool coloured)
    {
        var error = failure.Error;
        var reason = error.Reason is { } code ? $" ({code})" : "";
        var text = new StringBuilder()
            .Append(Tones.Paint("error:", Tone.Bad, coloured))
            .Append(' ').Append(SafeText.Of($"{failure.Method}: {error.Code.WireName()}{reason}: {error.Message}")).Append('\n');
        foreach (var line in Advice.For(failure))
        {
            text.Append(Tones.Paint("  hint:", Tone.Faint, coloured)).Append(' ').Append(SafeText.Of(line)).Append('\n');
        }

        return text.ToString();
    }

    public static string Json(CallFailure failure)
    {
        var bytes = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(bytes, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            json.WriteStartObject("error"u8);
            json.WriteNumber("code"u8, (int)failure.Error.Code);
            json.WriteString("name"u8, failure.Error.Code.WireName());
            json.WriteString("message"u8, failure.Error.Message);
            WriteDetails(json, failure.Error);
            json.WriteEndObject();
            json.WriteString("method"u8, failure.Method);
            json.WriteString("socket"u8, failure.Socket);
            json.WriteNumber("exit_code"u8, failure.ExitCode);
            json.WriteStartArray("advice"u8);
            foreach (var line in Advice.For(failure))
            {
                json.WriteStringValue(line);
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(bytes.WrittenSpan) + "\n";
    }

    private static void WriteDetails(Utf8JsonWriter json, RpcError error)
    {
        json.WriteStartObject("details"u8);
        if (error.Reason is not null)
        {
            json.WriteString("reason"u8, error.Reason);
        }

        foreach (var (name, value) in error.Details)
        {
            json.WriteString(name, value);
        }

        json.WriteEndObject();
    }
}
