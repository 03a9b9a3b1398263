using System.Buffers;
using System.Buffers.Binary;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Strata.Ipc;

/// <summary>A call as the client sends it.</summary>
/// <param name="Method">Full name, e.g. <c>fs.read</c>.</param>
public sealed record RpcRequest(string Method)
{
    /// <summary>The params as JSON text in UTF-8; empty sends none.</summary>
    public ReadOnlyMemory<byte> Params { get; init; }

    /// <summary>The capability token, or null.</summary>
    public string? Token { get; init; }

    /// <summary>
    /// Signs the request each time it is sent, for a token that is bound to a key; null for others. Without a <see cref="ReqId"/> of the
    /// caller's the client then chooses a random one, because no two signed requests may be the same.
    /// </summary>
    public RequestSigner? Signer { get; init; }

    /// <summary>
    /// How long the caller waits, above zero; sent as <c>deadline_ms</c> (1 ms to 1 h) and, for calls with one answer,
    /// enforced by the client as well. Null waits for ever.
    /// </summary>
    public TimeSpan? Deadline { get; init; }

    /// <summary>The id to use; null lets the client choose one.</summary>
    public string? ReqId { get; init; }

    /// <summary>A call whose params are a record.</summary>
    public static RpcRequest Of<T>(string method, T parameters, JsonTypeInfo<T> type, string? token = null) =>
        new(method) { Params = JsonSerializer.SerializeToUtf8Bytes(parameters, type), Token = token };

    /// <summary>The whole frame, length included.</summary>
    public byte[] ToFrame(string reqId, bool more = false)
    {
        var buffer = new ArrayBufferWriter<byte>(256 + Params.Length);
        buffer.Advance(OutputBuffer.HeaderBytes);
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            json.WriteNumber("v"u8, 1);
            json.WriteString("req_id"u8, reqId);
            json.WriteString("method"u8, Method);
            if (Token is not null)
            {
                json.WriteStartObject("auth"u8);
                json.WriteString("token"u8, Token);
                WriteProof(json, reqId, more);
                json.WriteEndObject();
            }

            if (!Params.IsEmpty)
            {
                json.WritePropertyName("params"u8);
                json.WriteRawValue(Params.Span, skipInputValidation: true);
            }

            if (Deadline is { } deadline)
            {
                json.WriteNumber("deadline_ms"u8, (int)Math.Clamp(deadline.TotalMilliseconds, 1, IpcLimits.Default.MaxDeadlineMs));
            }

            if (more)
            {
                json.WriteBoolean("more"u8, true);
            }

            json.WriteEndObject();
        }

        var frame = buffer.WrittenSpan.ToArray();
        BinaryPrimitives.WriteInt32BigEndian(frame, frame.Length - OutputBuffer.HeaderBytes);
        return frame;
    }

    private void WriteProof(Utf8JsonWriter json, string reqId, bool more)
    {
        if (Signer is null)
        {
            return;
        }

        // As the service sees them: the id escaped as it is written, no white space around params, and null is none.
        var id = JsonEncodedText.Encode(reqId, JavaScriptEncoder.UnsafeRelaxedJsonEscaping);
        var parameters = Params.Span.Trim(" \t\r\n"u8);
        var (timeMs, signature) = Signer(Method, id.EncodedUtf8Bytes, parameters.SequenceEqual("null"u8) ? default : parameters, Token!, more);
        json.WriteStartObject("proof"u8);
        json.WriteNumber("time"u8, timeMs);
        json.WriteString("sig"u8, signature);
        json.WriteEndObject();
    }
}
