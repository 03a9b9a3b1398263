using System.Text;
using System.Text.Json;

namespace Strata.Policy;

/// <summary>
/// Reads JSON values of known shape and remembers the first fault instead of throwing. After a fault there is nothing more to
/// read, and what is answered is worth nothing: whoever reads asks for <see cref="Fault"/> at the end, once. Broken JSON, invalid
/// UTF-8 and lone surrogates all end up there.
/// </summary>
internal ref struct StrictJson(ReadOnlySpan<byte> json)
{
    private Utf8JsonReader reader = new(json, new JsonReaderOptions { MaxDepth = ClaimLimits.MaxJsonDepth });
    private bool hasToken;

    internal string? Fault { get; private set; }

    internal readonly JsonTokenType TokenType => reader.TokenType;

    internal void Fail(string fault) => Fault ??= fault;

    /// <summary>Moves to the next token; false after a fault and at the end.</summary>
    internal bool Read()
    {
        try
        {
            hasToken = reader.Read();
        }
        catch (JsonException)
        {
            Fail("is not well-formed JSON");
        }

        return hasToken && Fault is null;
    }

    /// <summary>Skips the value of the property, whatever it is; the parser still checks it.</summary>
    internal void SkipValue()
    {
        var depth = reader.CurrentDepth;
        while (Read() && (reader.CurrentDepth > depth || reader.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray))
        {
        }
    }

    internal void ReadStart(JsonTokenType start, string field)
    {
        Read();
        if (reader.TokenType != start)
        {
            Fail($"{field}: must be {(start == JsonTokenType.StartArray ? "a list" : "an object")}");
        }
    }

    internal string ReadString(string field, int maxBytes)
    {
        Read();
        return TakeString(field, maxBytes);
    }

    /// <summary>Takes the current token as a string (a value, or a property name).</summary>
    internal string TakeString(string field, int maxBytes)
    {
        var value = TextOrNull();
        if (value is null)
        {
            Fail($"{field}: must be a string of valid Unicode");
        }
        else if (Encoding.UTF8.GetByteCount(value) > maxBytes)
        {
            Fail($"{field}: must be at most {maxBytes} bytes long");
        }

        return value ?? string.Empty;
    }

    /// <summary>Reads a whole number in plain decimal digits: no sign, fraction, exponent or leading zero.</summary>
    internal long ReadWholeNumber(string field, long min, long max)
    {
        Read();
        var value = default(long);
        // JSON itself forbids leading zeros; what is left to refuse are signs, fractions and exponents, all second spellings.
        if (reader.TokenType != JsonTokenType.Number || reader.ValueSpan.ContainsAnyExceptInRange((byte)'0', (byte)'9')
            || !reader.TryGetInt64(out value) || value < min || value > max)
        {
            Fail($"{field}: must be a whole number from {min} to {max}");
        }

        return value;
    }

    /// <summary>Reads <c>true</c>, the one value a flag may have: a flag that is not set is left out.</summary>
    internal bool ReadFlag(string field)
    {
        Read();
        if (reader.TokenType != JsonTokenType.True)
        {
            Fail($"{field}: must be true, or left out");
        }

        return true;
    }

    /// <summary>The token as text; null for another kind of token, for null, and for text that is no Unicode.</summary>
    private readonly string? TextOrNull()
    {
        try
        {
            return reader.GetString();
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }
}
