using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Strata.Ipc;

/// <summary>One response frame as the client received it.</summary>
/// <param name="Payload">The whole envelope, JSON in UTF-8, exactly as sent.</param>
/// <param name="Result">The JSON text of <c>result</c>; empty when there is none.</param>
/// <param name="Error">The error, or null.</param>
/// <param name="Continues">True when more frames answer the same request.</param>
public sealed record RpcResponse(ReadOnlyMemory<byte> Payload, ReadOnlyMemory<byte> Result, RpcError? Error, bool Continues)
{
    /// <summary>The result as a record.</summary>
    /// <exception cref="RpcException">The response is an error.</exception>
    /// <exception cref="JsonException">The result has another shape than the record.</exception>
    public T Get<T>(JsonTypeInfo<T> type) =>
        Error is not null ? throw new RpcException(Error) : JsonSerializer.Deserialize(Result.IsEmpty ? "{}"u8 : Result.Span, type)!;

    /// <summary>Reads a response; lenient about members it does not know, since additions to v1 are allowed.</summary>
    /// <exception cref="JsonException">The payload is not a response.</exception>
    internal static (string ReqId, RpcResponse Response) Parse(byte[] payload)
    {
        var reader = new Utf8JsonReader(payload, new JsonReaderOptions { MaxDepth = 64 });
        string? reqId = null;
        var ok = false;
        var continues = false;
        ReadOnlyMemory<byte> result = default;
        RpcError? error = null;
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
        {
            throw new JsonException("a response is a JSON object");
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.GetString();
            reader.Read();
            switch (name)
            {
                case "req_id":
                    reqId = reader.GetString();
                    break;
                case "ok":
                    ok = reader.GetBoolean();
                    break;
                case "continues":
                    continues = reader.GetBoolean();
                    break;
                case "result":
                    var start = (int)reader.TokenStartIndex;
                    reader.Skip();
                    result = payload.AsMemory(start..(int)reader.BytesConsumed);
                    break;
                case "error":
                    error = ReadError(ref reader);
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }

        reader.Read(); // Bytes behind the object are a JSON fault.
        error = ok ? null : error ?? RpcError.Internal("the service answered neither a result nor an error");
        return (reqId ?? "", new RpcResponse(payload, result, error, continues));
    }

    private static RpcError ReadError(ref Utf8JsonReader reader)
    {
        using var document = JsonDocument.ParseValue(ref reader);
        var root = document.RootElement;
        var code = root.TryGetProperty("code", out var number) && number.TryGetInt32(out var value) ? ErrorCodes.FromWire(value) : ErrorCode.Internal;
        var message = root.TryGetProperty("message", out var text) ? text.GetString() ?? "" : "";
        if (!root.TryGetProperty("details", out var details) || details.ValueKind != JsonValueKind.Object)
        {
            return new RpcError(code, message);
        }

        var strings = details.EnumerateObject().Where(p => p.Value.ValueKind == JsonValueKind.String).ToArray();
        return new RpcError(code, message)
        {
            Reason = strings.FirstOrDefault(p => p.Name == "reason").Value is { ValueKind: JsonValueKind.String } reason ? reason.GetString() : null,
            Details = [.. strings.Where(p => p.Name != "reason").Select(p => KeyValuePair.Create(p.Name, p.Value.GetString()!))],
        };
    }
}
