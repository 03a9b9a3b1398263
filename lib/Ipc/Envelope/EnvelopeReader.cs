using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace Strata.Ipc;

/// <summary>
/// Reads a request's envelope strictly: one pass over the bytes, no allocation when it is well-formed.
/// </summary>
/// <remarks>
/// Every rule exists because two readers that differ on it can be played against each other: duplicate keys, other
/// spellings of a key, invalid UTF-8 and lone surrogates all have one reading here, which is refusal.
/// </remarks>
public static class EnvelopeReader
{
    private const string LoneSurrogate = "a string holds half of a surrogate pair";

    [Flags]
    private enum Field
    {
        None = 0,
        Version = 1,
        ReqId = 2,
        Method = 4,
        Auth = 8,
        Params = 16,
        Deadline = 32,
        More = 64,
    }

    /// <summary>Reads one frame's payload.</summary>
    /// <param name="payload">The frame without its length.</param>
    /// <param name="limits">The bounds to hold it to.</param>
    /// <param name="envelope">What was read; on a fault, whatever was understood before it (its id is echoed).</param>
    /// <returns>Null when well-formed, otherwise a sentence that names the fault.</returns>
    public static string? Read(ReadOnlySpan<byte> payload, IpcLimits limits, scoped ref RequestEnvelope envelope)
    {
        envelope = default;
        if (!Utf8.IsValid(payload))
        {
            return "the frame is not valid UTF-8";
        }

        var fault = ReadJson(payload, limits, ref envelope);
        if (fault is not null && HasLoneSurrogate(envelope.ReqIdRaw))
        {
            envelope.ReqIdRaw = default; // Echoing it would make the answer as bad as the question.
        }

        return fault;
    }

    private static string? ReadJson(ReadOnlySpan<byte> payload, IpcLimits limits, scoped ref RequestEnvelope envelope)
    {
        var reader = new Utf8JsonReader(payload, new JsonReaderOptions { MaxDepth = limits.MaxDepth });
        try
        {
            return ReadObject(ref reader, payload, limits, ref envelope);
        }
        catch (JsonException e)
        {
            return reader.CurrentDepth >= limits.MaxDepth - 1 && e.Message.Contains("depth", StringComparison.OrdinalIgnoreCase)
                ? $"the request is nested deeper than {limits.MaxDepth} levels"
                : $"the frame is not valid JSON (near byte {reader.BytesConsumed})";
        }
        catch (InvalidOperationException)
        {
            return LoneSurrogate; // The platform's reader throws this when it compares such a key.
        }
    }

    private static string? ReadObject(scoped ref Utf8JsonReader reader, ReadOnlySpan<byte> payload, IpcLimits limits, scoped ref RequestEnvelope envelope)
    {
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            return "a request is a JSON object";
        }

        var seen = Field.None;
        var version = 0;
        string? fault = null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var field = FieldOf(ref reader);
            if (field == Field.None)
            {
                fault ??= UnknownField(ref reader);
                reader.Skip();
                continue;
            }

            var again = (seen & field) != 0;
            fault ??= again ? $"the field \"{NameOf(field)}\" is given twice" : null;
            seen |= field;
            var problem = ReadField(ref reader, field, payload, limits, ref envelope, ref version);
            fault ??= problem;
            if (again && field == Field.ReqId)
            {
                envelope.ReqIdRaw = default; // Of two ids neither may be echoed: which one the caller waits for is unknown.
            }
        }

        // Reading past the closing brace makes trailing bytes a JSON fault.
        reader.Read();
        if (HasLoneSurrogate(payload))
        {
            return LoneSurrogate;
        }

        // Another version may well have other fields: say that first.
        return version != 1 ? "unsupported protocol version" : fault ?? Missing(seen);
    }

    private static string? Missing(Field seen)
    {
        if ((seen & Field.ReqId) == 0)
        {
            return "the field \"req_id\" is missing";
        }

        return (seen & Field.Method) == 0 ? "the field \"method\" is missing" : null;
    }

    private static string? ReadField(
        scoped ref Utf8JsonReader reader, Field field, ReadOnlySpan<byte> payload, IpcLimits limits, scoped ref RequestEnvelope envelope, ref int version)
    {
        reader.Read();
        switch (field)
        {
            case Field.Version:
                version = reader.TokenType == JsonTokenType.Number && reader.ValueSpan.SequenceEqual("1"u8) ? 1 : 0;
                reader.Skip();
                return null;
            case Field.ReqId:
                return ReadReqId(ref reader, limits, ref envelope);
            case Field.Method:
                return ReadPlainString(ref reader, "method", limits.MaxMethodBytes, out envelope.Method);
            case Field.Auth:
                return AuthReader.Read(ref reader, limits, ref envelope);
            case Field.Deadline:
                return ReadDeadline(ref reader, limits, ref envelope);
            case Field.More:
                envelope.More = reader.TokenType == JsonTokenType.True;
                var isBoolean = reader.TokenType is JsonTokenType.True or JsonTokenType.False;
                reader.Skip();
                return isBoolean ? null : "the field \"more\" must be true or false";
            default:
                return ReadParams(ref reader, payload, ref envelope);
        }
    }

    private static string? ReadReqId(scoped ref Utf8JsonReader reader, IpcLimits limits, scoped ref RequestEnvelope envelope)
    {
        if (reader.TokenType != JsonTokenType.String)
        {
            reader.Skip();
            return "the field \"req_id\" must be a string";
        }

        if (reader.ValueSpan.Length == 0 || reader.ValueSpan.Length > limits.MaxReqIdBytes)
        {
            return $"the field \"req_id\" must have 1 to {limits.MaxReqIdBytes} bytes";
        }

        envelope.ReqIdRaw = reader.ValueSpan;
        return null;
    }

    internal static string? ReadPlainString(scoped ref Utf8JsonReader reader, string name, int maxBytes, out ReadOnlySpan<byte> value)
    {
        value = default;
        if (reader.TokenType != JsonTokenType.String)
        {
            reader.Skip();
            return $"the field \"{name}\" must be a string";
        }

        if (reader.ValueSpan.Length > maxBytes)
        {
            return $"the field \"{name}\" is longer than {maxBytes} bytes";
        }

        value = reader.ValueIsEscaped ? Unescape(ref reader) : reader.ValueSpan;
        return null;
    }

    private static ReadOnlySpan<byte> Unescape(scoped ref Utf8JsonReader reader)
    {
        try
        {
            var buffer = new byte[reader.ValueSpan.Length];
            return buffer.AsSpan(0, reader.CopyString(buffer));
        }
        catch (InvalidOperationException)
        {
            return default; // A lone surrogate; the scan over the whole payload names it.
        }
    }

    private static string? ReadDeadline(scoped ref Utf8JsonReader reader, IpcLimits limits, scoped ref RequestEnvelope envelope)
    {
        if (reader.TokenType == JsonTokenType.Number && reader.TryGetInt32(out var ms) && ms >= 1 && ms <= limits.MaxDeadlineMs)
        {
            envelope.DeadlineMs = ms;
            return null;
        }

        reader.Skip();
        return $"the field \"deadline_ms\" must be a whole number from 1 to {limits.MaxDeadlineMs}";
    }

    private static string? ReadParams(scoped ref Utf8JsonReader reader, ReadOnlySpan<byte> payload, scoped ref RequestEnvelope envelope)
    {
        var start = (int)reader.TokenStartIndex;
        var isObject = reader.TokenType == JsonTokenType.StartObject;
        var isNull = reader.TokenType == JsonTokenType.Null;
        reader.Skip();
        if (isObject)
        {
            envelope.Params = payload[start..(int)reader.BytesConsumed];
        }

        return isObject || isNull ? null : "the field \"params\" must be an object";
    }

    private static Field FieldOf(scoped ref Utf8JsonReader reader)
    {
        if (reader.ValueTextEquals("v"u8))
        {
            return Field.Version;
        }

        if (reader.ValueTextEquals("req_id"u8))
        {
            return Field.ReqId;
        }

        if (reader.ValueTextEquals("method"u8))
        {
            return Field.Method;
        }

        if (reader.ValueTextEquals("params"u8))
        {
            return Field.Params;
        }

        if (reader.ValueTextEquals("auth"u8))
        {
            return Field.Auth;
        }

        return reader.ValueTextEquals("deadline_ms"u8) ? Field.Deadline
            : reader.ValueTextEquals("more"u8) ? Field.More : Field.None;
    }

    private static string NameOf(Field field) => field switch
    {
        Field.Version => "v",
        Field.ReqId => "req_id",
        Field.Method => "method",
        Field.Auth => "auth",
        Field.Deadline => "deadline_ms",
        Field.More => "more",
        _ => "params",
    };

    private static string UnknownField(scoped ref Utf8JsonReader reader) =>
        $"unknown field \"{Shown(ref reader)}\"; a request has v, req_id, method, auth, params, deadline_ms, more (spelled so)";

    internal static string Shown(scoped ref Utf8JsonReader reader) => JsonText.Shorten(reader.ValueSpan);

    private static bool HasLoneSurrogate(ReadOnlySpan<byte> json) =>
        json.IndexOf("\\u"u8) >= 0 && JsonText.HasLoneSurrogate(json);
}
