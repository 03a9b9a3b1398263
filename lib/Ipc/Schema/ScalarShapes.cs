using System.Text.Json;
using System.Text.Json.Nodes;

namespace Strata.Ipc;

/// <summary>A string with bounds counted in bytes of UTF-8.</summary>
internal sealed class StringShape(int minBytes, int maxBytes, string[] allowed) : JsonShape
{
    internal override RpcError? Check(ref Utf8JsonReader reader, string field)
    {
        if (reader.TokenType != JsonTokenType.String)
        {
            return Wrong(ref reader, field, "must be a string");
        }

        // Escapes only shrink, so the raw length decides unless escapes are present.
        var bytes = reader.ValueIsEscaped ? System.Text.Encoding.UTF8.GetByteCount(reader.GetString()!) : reader.ValueSpan.Length;
        if (bytes < minBytes || bytes > maxBytes)
        {
            return Fault(field, minBytes > 0 ? $"must have {minBytes} to {maxBytes} bytes" : $"must have at most {maxBytes} bytes");
        }

        if (allowed.Length > 0 && !IsAllowed(ref reader))
        {
            return Fault(field, $"must be one of {string.Join(", ", allowed)}");
        }

        return null;
    }

    protected override void WriteSchema(JsonObject schema)
    {
        schema["type"] = "string";
        if (minBytes > 0)
        {
            schema["minLength"] = 1;
        }

        schema["maxLength"] = maxBytes;
        if (allowed.Length > 0)
        {
            schema["enum"] = new JsonArray([.. allowed.Select(a => JsonValue.Create(a))]);
        }
    }

    private bool IsAllowed(ref Utf8JsonReader reader)
    {
        foreach (var value in allowed)
        {
            if (reader.ValueTextEquals(value))
            {
                return true;
            }
        }

        return false;
    }
}

/// <summary>A whole number with inclusive bounds.</summary>
internal sealed class IntegerShape(long min, long max) : JsonShape
{
    internal override RpcError? Check(ref Utf8JsonReader reader, string field) =>
        reader.TokenType == JsonTokenType.Number && reader.TryGetInt64(out var value) && value >= min && value <= max
            ? null
            : Wrong(ref reader, field, Expectation);

    protected override void WriteSchema(JsonObject schema)
    {
        schema["type"] = "integer";
        schema["minimum"] = min;
        schema["maximum"] = max;
    }

    private string Expectation => max == long.MaxValue ? $"must be a whole number of at least {min}" : $"must be a whole number from {min} to {max}";
}

/// <summary>Any finite number.</summary>
internal sealed class NumberShape : JsonShape
{
    internal override RpcError? Check(ref Utf8JsonReader reader, string field) =>
        reader.TokenType == JsonTokenType.Number && reader.TryGetDouble(out var value) && double.IsFinite(value)
            ? null
            : Wrong(ref reader, field, "must be a number");

    protected override void WriteSchema(JsonObject schema) => schema["type"] = "number";
}

/// <summary>True or false.</summary>
internal sealed class BooleanShape : JsonShape
{
    internal override RpcError? Check(ref Utf8JsonReader reader, string field) =>
        reader.TokenType is JsonTokenType.True or JsonTokenType.False ? null : Wrong(ref reader, field, "must be true or false");

    protected override void WriteSchema(JsonObject schema) => schema["type"] = "boolean";
}

/// <summary>Bytes as standard base64.</summary>
internal sealed class BytesShape : JsonShape
{
    internal override RpcError? Check(ref Utf8JsonReader reader, string field) =>
        reader.TokenType == JsonTokenType.String && (reader.ValueIsEscaped ? reader.TryGetBytesFromBase64(out _) : System.Buffers.Text.Base64.IsValid(reader.ValueSpan))
            ? null
            : Wrong(ref reader, field, "must be a string of standard base64");

    protected override void WriteSchema(JsonObject schema)
    {
        schema["type"] = "string";
        schema["contentEncoding"] = "base64";
    }
}

/// <summary>Any JSON value without duplicate keys. Its depth is bounded by the envelope's.</summary>
internal sealed class AnyShape : JsonShape
{
    internal override RpcError? Check(ref Utf8JsonReader reader, string field)
    {
        if (reader.TokenType is not (JsonTokenType.StartObject or JsonTokenType.StartArray))
        {
            return null;
        }

        RpcError? fault = null;
        var seen = reader.TokenType == JsonTokenType.StartObject ? new HashSet<string>(StringComparer.Ordinal) : null;
        while (reader.Read() && reader.TokenType is not (JsonTokenType.EndObject or JsonTokenType.EndArray))
        {
            if (seen is not null)
            {
                fault ??= seen.Add(reader.GetString()!) ? null : Fault(field, $"has the key \"{JsonText.Shorten(reader.ValueSpan)}\" twice");
                reader.Read();
            }

            var problem = Check(ref reader, field);
            fault ??= problem;
        }

        return fault;
    }

    protected override void WriteSchema(JsonObject schema)
    {
    }
}
