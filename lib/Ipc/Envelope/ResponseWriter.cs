using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Strata.Ipc;

/// <summary>Writes response frames into an <see cref="OutputBuffer"/>; one serves all connections of a loop.</summary>
/// <remarks>Not safe for use from two threads.</remarks>
public sealed class ResponseWriter : IDisposable
{
    private static readonly JsonEncodedText ReqId = JsonEncodedText.Encode("req_id");
    private static readonly JsonEncodedText Result = JsonEncodedText.Encode("result");

    private readonly IpcLimits _limits;
    private readonly OutputBuffer _scratch = new();
    private readonly Utf8JsonWriter _json;

    /// <summary>Creates a writer.</summary>
    public ResponseWriter(IpcLimits limits)
    {
        _limits = limits;
        // Relaxed escaping keeps non-ASCII text at its size; the output is JSON for programs, never HTML.
        _json = new Utf8JsonWriter(_scratch, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true });
    }

    /// <summary>Writes a successful response; one that would exceed the frame limit becomes an error instead.</summary>
    /// <param name="output">Where to.</param>
    /// <param name="reqIdRaw">The request's id as it came.</param>
    /// <param name="value">The result.</param>
    /// <param name="type">Its metadata.</param>
    /// <param name="continues">True when more frames answer the same request.</param>
    /// <exception cref="JsonException">JSON cannot hold the value (or what else its metadata throws); nothing was written.</exception>
    public void Write<T>(OutputBuffer output, ReadOnlySpan<byte> reqIdRaw, T value, JsonTypeInfo<T> type, bool continues = false)
    {
        var mark = Begin(output, reqIdRaw);
        _json.WriteBoolean("ok"u8, true);
        if (continues)
        {
            _json.WriteBoolean("continues"u8, true);
        }

        _json.WritePropertyName(Result);
        try
        {
            JsonSerializer.Serialize(_json, value, type);
        }
        catch
        {
            // Half a frame left behind would garble every answer after it.
            output.Abandon(mark);
            throw;
        }

        End(output, mark, reqIdRaw);
    }

    /// <summary>Writes an error response.</summary>
    public void WriteError(OutputBuffer output, ReadOnlySpan<byte> reqIdRaw, RpcError error)
    {
        var mark = Begin(output, reqIdRaw);
        _json.WriteBoolean("ok"u8, false);
        _json.WriteStartObject("error"u8);
        _json.WriteNumber("code"u8, (int)error.Code);
        _json.WriteString("name"u8, error.Code.WireName());
        var message = error.Message.AsSpan();
        _json.WriteString("message"u8, message.Length > RpcError.MaxMessageChars ? message[..RpcError.MaxMessageChars] : message);
        if (error.Reason is not null || error.Details.Length > 0)
        {
            WriteDetails(error);
        }

        _json.WriteEndObject();
        End(output, mark, reqIdRaw);
    }

    /// <inheritdoc/>
    public void Dispose() => _json.Dispose();

    private void WriteDetails(RpcError error)
    {
        _json.WriteStartObject("details"u8);
        if (error.Reason is not null)
        {
            _json.WriteString("reason"u8, error.Reason);
        }

        foreach (var (name, value) in error.Details)
        {
            _json.WriteString(name, value);
        }

        _json.WriteEndObject();
    }

    private int Begin(OutputBuffer output, ReadOnlySpan<byte> reqIdRaw)
    {
        var mark = output.BeginFrame();
        _json.Reset(output);
        _json.WriteStartObject();
        _json.WriteNumber("v"u8, 1);
        _json.WritePropertyName(ReqId);
        Span<byte> quoted = stackalloc byte[reqIdRaw.Length + 2];
        quoted[0] = quoted[^1] = (byte)'"';
        reqIdRaw.CopyTo(quoted[1..]);
        _json.WriteRawValue(quoted, skipInputValidation: true);
        return mark;
    }

    private void End(OutputBuffer output, int mark, ReadOnlySpan<byte> reqIdRaw)
    {
        _json.WriteEndObject();
        _json.Flush();
        if (output.PayloadBytes(mark) > _limits.MaxFrameBytes)
        {
            output.Abandon(mark);
            WriteError(output, reqIdRaw, RpcError.ResourceExhausted(
                $"the answer would exceed the frame limit of {_limits.MaxFrameBytes} bytes; ask for less at a time", "response_too_large"));
            return;
        }

        output.EndFrame(mark);
    }
}
