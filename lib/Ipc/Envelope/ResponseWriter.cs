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
    /// <param name="output">Where to. Left as it was when the value cannot be written as JSON and this throws.</param>
    /// <param name="reqIdRaw">The request's id as it came.</param>
    /// <param name="value">The result.</param>
    /// <param name="type">Its metadata.</param>
    /// <param name="continues">True when more frames answer the same request.</param>
    /// <returns>False when the error was written in place of the value.</returns>
    public bool Write<T>(OutputBuffer output, ReadOnlySpan<byte> reqIdRaw, T value, JsonTypeInfo<T> type, bool continues = false)
    {
        var mark = output.Length;
        try
        {
            Begin(output, reqIdRaw);
            _json.WriteBoolean("ok"u8, true);
            if (continues)
            {
                _json.WriteBoolean("continues"u8, true);
            }

            _json.WritePropertyName(Result);
            JsonSerializer.Serialize(_json, value, type);
            _json.WriteEndObject();
            _json.Flush();
        }
        catch
        {
            // Half a frame in the output would garble every later one.
            output.Abandon(mark);
            throw;
        }

        if (output.PayloadBytes(mark) > _limits.MaxFrameBytes)
        {
            output.Abandon(mark);
            WriteError(output, reqIdRaw, TooLarge);
            return false;
        }

        output.EndFrame(mark);
        return true;
    }

    /// <summary>Writes an error response; one that would exceed the frame limit is sent without its details.</summary>
    public void WriteError(OutputBuffer output, ReadOnlySpan<byte> reqIdRaw, RpcError error)
    {
        var mark = output.Length;
        WriteErrorFrame(output, reqIdRaw, error, withDetails: true);
        if (output.PayloadBytes(mark) > _limits.MaxFrameBytes)
        {
            // Code, bounded message and bounded id alone: this always fits a frame of any sensible limit.
            output.Abandon(mark);
            WriteErrorFrame(output, reqIdRaw, error, withDetails: false);
        }

        output.EndFrame(mark);
    }

    /// <inheritdoc/>
    public void Dispose() => _json.Dispose();

    private RpcError TooLarge => RpcError.ResourceExhausted(
        $"the answer would exceed the frame limit of {_limits.MaxFrameBytes} bytes; ask for less at a time", "response_too_large");

    private void WriteErrorFrame(OutputBuffer output, ReadOnlySpan<byte> reqIdRaw, RpcError error, bool withDetails)
    {
        Begin(output, reqIdRaw);
        _json.WriteBoolean("ok"u8, false);
        _json.WriteStartObject("error"u8);
        _json.WriteNumber("code"u8, (int)error.Code);
        _json.WriteString("name"u8, error.Code.WireName());
        _json.WriteString("message"u8, Cut(error.Message));
        if (withDetails && (error.Reason is not null || error.Details.Length > 0))
        {
            WriteDetails(error);
        }

        _json.WriteEndObject();
        _json.WriteEndObject();
        _json.Flush();
    }

    private static ReadOnlySpan<char> Cut(string message)
    {
        if (message.Length <= RpcError.MaxMessageChars)
        {
            return message;
        }

        var end = RpcError.MaxMessageChars;
        return message.AsSpan(0, char.IsHighSurrogate(message[end - 1]) ? end - 1 : end);
    }

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

    private void Begin(OutputBuffer output, ReadOnlySpan<byte> reqIdRaw)
    {
        output.BeginFrame();
        _json.Reset(output);
        _json.WriteStartObject();
        _json.WriteNumber("v"u8, 1);
        _json.WritePropertyName(ReqId);
        Span<byte> quoted = stackalloc byte[reqIdRaw.Length + 2];
        quoted[0] = quoted[^1] = (byte)'"';
        reqIdRaw.CopyTo(quoted[1..]);
        _json.WriteRawValue(quoted, skipInputValidation: true);
    }
}
