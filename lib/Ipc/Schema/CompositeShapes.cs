using System.Text.Json;
using System.Text.Json.Nodes;

namespace Strata.Ipc;

/// <summary>An array whose items have one shape and whose count is bounded.</summary>
internal sealed class ArrayShape(JsonShape item, int maxItems) : JsonShape
{
    internal override RpcError? Check(ref Utf8JsonReader reader, string field)
    {
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            return Wrong(ref reader, field, "must be an array");
        }

        RpcError? fault = null;
        for (var count = 0; reader.Read() && reader.TokenType != JsonTokenType.EndArray; count++)
        {
            fault ??= count >= maxItems ? Fault(field, $"must have at most {maxItems} items") : null;
            var problem = item.Check(ref reader, field);
            fault ??= problem;
        }

        return fault;
    }

    protected override void WriteSchema(JsonObject schema)
    {
        schema["type"] = "array";
        schema["items"] = item.ToSchema();
        if (maxItems != int.MaxValue)
        {
            schema["maxItems"] = maxItems;
        }
    }
}

/// <summary>An object with free keys whose values have one shape.</summary>
internal sealed class MapShape(JsonShape value, int maxItems) : JsonShape
{
    internal override RpcError? Check(ref Utf8JsonReader reader, string field)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            return Wrong(ref reader, field, "must be an object");
        }

        RpcError? fault = null;
        var seen = new HashSet<string>(StringComparer.Ordinal);
        while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
        {
            if (fault is not null)
            {
                reader.Skip();
                continue;
            }

            var name = reader.GetString()!;
            fault = !seen.Add(name) ? Fault(field, $"has the key \"{JsonText.Shorten(reader.ValueSpan)}\" twice")
                : seen.Count > maxItems ? Fault(field, $"must have at most {maxItems} members") : null;
            reader.Read();
            var problem = value.Check(ref reader, field);
            fault ??= problem;
        }

        return fault;
    }

    protected override void WriteSchema(JsonObject schema)
    {
        schema["type"] = "object";
        schema["additionalProperties"] = value.ToSchema();
        schema["maxProperties"] = maxItems;
    }
}

/// <summary>One member of an <see cref="ObjectShape"/>.</summary>
/// <param name="Name">Its name on the wire.</param>
/// <param name="Shape">Its value's shape.</param>
/// <param name="Required">True when it must be given.</param>
/// <param name="Default">The documented default of an optional one; null for none.</param>
public sealed record MemberShape(string Name, JsonShape Shape, bool Required, JsonNode? Default);

/// <summary>An object with a closed set of members.</summary>
public sealed class ObjectShape : JsonShape
{
    /// <summary>The most members a record may declare.</summary>
    public const int MaxMembers = 64;

    private static readonly AnyShape Anything = new();

    private readonly MemberShape[] _members;
    private readonly byte[][] _names;
    private readonly ulong _required;

    internal ObjectShape(IEnumerable<MemberShape> members)
    {
        _members = [.. members];
        ArgumentOutOfRangeException.ThrowIfGreaterThan(_members.Length, MaxMembers);
        _names = [.. _members.Select(m => System.Text.Encoding.UTF8.GetBytes(m.Name))];
        for (var i = 0; i < _members.Length; i++)
        {
            _required |= _members[i].Required ? 1UL << i : 0;
        }
    }

    /// <summary>True when it declares no members and takes any. Default false.</summary>
    internal bool IsFree { get; init; }

    /// <summary>The members in declaration order.</summary>
    public IReadOnlyList<MemberShape> Members => _members;

    /// <summary>Holds a JSON text to the shape; null when it fits.</summary>
    /// <exception cref="JsonException">It is not JSON.</exception>
    public RpcError? Check(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json);
        reader.Read();
        return Check(ref reader, "");
    }

    internal override RpcError? Check(ref Utf8JsonReader reader, string field)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            return Wrong(ref reader, field.Length == 0 ? "params" : field, "must be an object");
        }

        if (IsFree)
        {
            return Anything.Check(ref reader, field.Length == 0 ? "params" : field);
        }

        RpcError? fault = null;
        ulong seen = 0;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var problem = CheckMember(ref reader, field, ref seen);
            fault ??= problem;
        }

        return fault ?? Missing(field, _required & ~seen);
    }

    /// <summary>Checks that no required member is missing when no params were sent at all.</summary>
    internal RpcError? CheckAbsent() => Missing("", _required);

    private RpcError? CheckMember(ref Utf8JsonReader reader, string field, ref ulong seen)
    {
        for (var i = 0; i < _names.Length; i++)
        {
            if (!reader.ValueTextEquals(_names[i]))
            {
                continue;
            }

            var member = _members[i];
            var again = (seen & (1UL << i)) != 0;
            seen |= 1UL << i;
            reader.Read();
            var name = field.Length == 0 ? member.Name : $"{field}.{member.Name}";
            var problem = reader.TokenType == JsonTokenType.Null && member.Shape.Nullable && !member.Required
                ? null
                : member.Shape.Check(ref reader, name);
            return again ? Fault(name, "is given twice") : problem;
        }

        var shown = JsonText.Shorten(reader.ValueSpan);
        var full = field.Length == 0 ? shown : $"{field}.{shown}";
        var known = _members.Length == 0 ? "it takes none" : $"it takes {string.Join(", ", _members.Select(m => m.Name))}";
        reader.Skip();
        return RpcError.InvalidField(full, $"unknown field \"{full}\"; {known}");
    }

    private RpcError? Missing(string field, ulong missing)
    {
        if (missing == 0)
        {
            return null;
        }

        var first = _members[System.Numerics.BitOperations.TrailingZeroCount(missing)].Name;
        return Fault(field.Length == 0 ? first : $"{field}.{first}", "is missing");
    }

    /// <inheritdoc/>
    protected override void WriteSchema(JsonObject schema)
    {
        schema["type"] = "object";
        if (IsFree)
        {
            return;
        }

        var properties = new JsonObject();
        foreach (var member in _members)
        {
            var node = member.Shape.ToSchema();
            if (member.Default is not null)
            {
                node["default"] = member.Default.DeepClone();
            }

            properties[member.Name] = node;
        }

        schema["properties"] = properties;
        schema["additionalProperties"] = false;
        var required = _members.Where(m => m.Required).Select(m => (JsonNode?)JsonValue.Create(m.Name)).ToArray();
        if (required.Length > 0)
        {
            schema["required"] = new JsonArray(required);
        }
    }
}
