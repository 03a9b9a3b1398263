using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Json;

namespace Strata.Policy;

/// <summary>
/// Reads JSON values of known shape and remembers the first fault instead of throwing. Broken JSON, invalid UTF-8 and lone
/// surrogates all end up here, as a fault.
/// </summary>
internal ref struct StrictJson(ReadOnlySpan<byte> json)
{
    private Utf8JsonReader reader = new(json, new JsonReaderOptions { MaxDepth = ClaimLimits.MaxJsonDepth });

    internal string? Fault { get; private set; }

    internal readonly JsonTokenType TokenType => reader.TokenType;

    internal bool Fail(string fault)
    {
        Fault ??= fault;
        return false;
    }

    /// <summary>Moves to the next token; false at a fault or the end.</summary>
    internal bool Read()
    {
        if (Fault is not null)
        {
            return false;
        }

        try
        {
            return reader.Read();
        }
        catch (JsonException)
        {
            return Fail("is not well-formed JSON");
        }
    }

    /// <summary>Skips the value that comes next, whatever it is; the parser still checks it.</summary>
    internal bool SkipValue()
    {
        var depth = 0;
        do
        {
            if (!Read())
            {
                return Fail("is not well-formed JSON");
            }

            depth += reader.TokenType switch
            {
                JsonTokenType.StartObject or JsonTokenType.StartArray => 1,
                JsonTokenType.EndObject or JsonTokenType.EndArray => -1,
                _ => 0,
            };
        }
        while (depth > 0);
        return true;
    }

    internal bool ReadStart(JsonTokenType start, string field) =>
        (Read() && reader.TokenType == start)
        || Fail($"{field}: must be {(start == JsonTokenType.StartArray ? "a list" : "an object")}");

    internal bool ReadString(string field, int maxBytes, [NotNullWhen(true)] out string? value)
    {
        value = null;
        return (Read() || Fail("is not well-formed JSON")) && TakeString(field, maxBytes, out value);
    }

    /// <summary>Takes the current token as a string (a value, or a property name).</summary>
    internal bool TakeString(string field, int maxBytes, [NotNullWhen(true)] out string? value)
    {
        value = null;
        if (reader.TokenType is not (JsonTokenType.String or JsonTokenType.PropertyName))
        {
            return Fail($"{field}: must be a string");
        }

        try
        {
            value = reader.GetString()!;
        }
        catch (InvalidOperationException)
        {
            return Fail($"{field}: is not valid Unicode");
        }

        return Encoding.UTF8.GetByteCount(value) <= maxBytes || Fail($"{field}: must be at most {maxBytes} bytes long");
    }

    /// <summary>Reads a whole number in plain decimal digits: no sign, fraction, exponent or leading zero.</summary>
    internal bool ReadWholeNumber(string field, long min, long max, out long value)
    {
        value = 0;
        if (!Read() || reader.TokenType != JsonTokenType.Number)
        {
            return Fail($"{field}: must be a whole number");
        }

        // JSON itself forbids leading zeros; what is left to refuse are signs, fractions and exponents, all second spellings.
        return (reader.ValueSpan.IndexOfAnyExceptInRange((byte)'0', (byte)'9') < 0 && reader.TryGetInt64(out value) && value >= min && value <= max)
            || Fail($"{field}: must be a whole number from {min} to {max}");
    }

    /// <summary>Reads <c>true</c>, the one value a flag may have: a flag that is not set is left out.</summary>
    internal bool ReadFlag(string field) =>
        (Read() && reader.TokenType == JsonTokenType.True) || Fail($"{field}: must be true, or left out");
}
