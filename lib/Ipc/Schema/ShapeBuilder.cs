using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;

namespace Strata.Ipc;

/// <summary>
/// Derives a <see cref="JsonShape"/> from a record's source-generated metadata and its annotations:
/// <c>[Description]</c>, <c>[Range]</c> (numbers), <c>[StringLength]</c> (bytes of UTF-8), <c>[MaxItems]</c> (items)
/// and <c>[AllowedValues]</c> (strings).
/// </summary>
public static class ShapeBuilder
{
    /// <summary>Bound of a string that declares none, in bytes.</summary>
    public const int DefaultMaxStringBytes = 4096;

    /// <summary>Bound of an array or map that declares none, in items.</summary>
    public const int DefaultMaxItems = 256;

    private const int MaxRecordDepth = 8;

    /// <summary>The shape of a record; throws when it is not an object on the wire.</summary>
    public static ObjectShape ForRecord(JsonTypeInfo info) =>
        (ObjectShape)Build(info.Type, info.Options, attributes: null, nullable: false, depth: 0);

    private static JsonShape Build(Type type, JsonSerializerOptions options, ICustomAttributeProvider? attributes, bool nullable, int depth)
    {
        var inner = System.Nullable.GetUnderlyingType(type);
        if (inner is not null)
        {
            return Build(inner, options, attributes, nullable: true, depth);
        }

        var description = Get<DescriptionAttribute>(attributes)?.Description;
        return Scalar(type, attributes, description, nullable) ?? Composite(type, options, attributes, description, nullable, depth);
    }

    private static JsonShape? Scalar(Type type, ICustomAttributeProvider? attributes, string? description, bool nullable)
    {
        if (type == typeof(string))
        {
            var length = Get<StringLengthAttribute>(attributes);
            var allowed = Get<AllowedValuesAttribute>(attributes)?.Values.OfType<string>().ToArray() ?? [];
            return new StringShape(length?.MinimumLength ?? 0, length?.MaximumLength ?? DefaultMaxStringBytes, allowed) { Description = description, Nullable = nullable };
        }

        if (type == typeof(int) || type == typeof(long) || type == typeof(uint))
        {
            var (min, max) = Bounds(type, Get<RangeAttribute>(attributes));
            return new IntegerShape(min, max) { Description = description, Nullable = nullable };
        }

        if (type == typeof(bool))
        {
            return new BooleanShape { Description = description, Nullable = nullable };
        }

        if (type == typeof(double))
        {
            return new NumberShape { Description = description, Nullable = nullable };
        }

        if (type == typeof(byte[]) || type == typeof(ReadOnlyMemory<byte>) || type == typeof(Memory<byte>))
        {
            return new BytesShape { Description = description, Nullable = nullable };
        }

        var any = type == typeof(JsonElement) || typeof(JsonNode).IsAssignableFrom(type) || type == typeof(object);
        return any ? new AnyShape { Description = description, Nullable = nullable } : null;
    }

    private static JsonShape Composite(
        Type type, JsonSerializerOptions options, ICustomAttributeProvider? attributes, string? description, bool nullable, int depth)
    {
        var info = options.GetTypeInfo(type);
        if (depth >= MaxRecordDepth)
        {
            return new AnyShape { Description = description, Nullable = nullable };
        }

        var maxItems = Get<MaxItemsAttribute>(attributes)?.Count ?? DefaultMaxItems;
        return info.Kind switch
        {
            JsonTypeInfoKind.Enumerable => new ArrayShape(Build(info.ElementType!, options, attributes, false, depth + 1), maxItems) { Description = description, Nullable = nullable },
            JsonTypeInfoKind.Dictionary => new MapShape(Build(info.ElementType!, options, null, false, depth + 1), maxItems) { Description = description, Nullable = nullable },
            JsonTypeInfoKind.Object => new ObjectShape(info.Properties.Select(p => Member(p, options, depth))) { Description = description, Nullable = nullable },
            _ => throw new NotSupportedException($"{type} has no JSON shape; use a record, an array, a map or a scalar"),
        };
    }

    private static MemberShape Member(JsonPropertyInfo property, JsonSerializerOptions options, int depth)
    {
        var shape = Build(property.PropertyType, options, property.AttributeProvider, property.IsSetNullable, depth + 1);
        var parameter = property.AssociatedParameter;
        var value = parameter is { HasDefaultValue: true } ? parameter.DefaultValue : null;
        JsonNode? fallback = value switch
        {
            string s => JsonValue.Create(s),
            int i => JsonValue.Create(i),
            long l => JsonValue.Create(l),
            uint u => JsonValue.Create(u),
            bool b => JsonValue.Create(b),
            _ => null,
        };
        return new MemberShape(property.Name, shape, property.IsRequired, fallback);
    }

    private static (long Min, long Max) Bounds(Type type, RangeAttribute? range)
    {
        var (min, max) = type == typeof(long) ? (long.MinValue, long.MaxValue)
            : type == typeof(uint) ? (0, uint.MaxValue) : ((long)int.MinValue, int.MaxValue);
        return range is null ? (min, max) : (Math.Max(min, Whole(range.Minimum)), Math.Min(max, Whole(range.Maximum)));
    }

    private static long Whole(object bound) => bound switch
    {
        int i => i,
        double d when d >= long.MaxValue => long.MaxValue,
        double d => (long)d,
        _ => throw new NotSupportedException("[Range] takes int or double bounds"),
    };

    private static T? Get<T>(ICustomAttributeProvider? attributes)
        where T : Attribute =>
        attributes?.GetCustomAttributes(typeof(T), inherit: true) is [T first, ..] ? first : null;
}
