using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;

namespace Strata.Supervision;

/// <summary>A list of capabilities: each an object of service, rights and constraints. The validator judges the names and the constraints.</summary>
internal sealed class CapabilityListShape : FieldShape<ImmutableArray<HeldCapability>>
{
    private const string Service = "service";
    private const string Rights = "rights";
    private const string Constraints = "constraints";
    private const string PathPrefix = "path_prefix";
    private const string RateLimit = "rate_limit";

    private static readonly string[] Members = [Service, Rights, Constraints];
    private static readonly string[] Limits = [PathPrefix, RateLimit];
    private static readonly TextShape Text = new();
    private static readonly TextListShape Names = new(1, ManifestLimits.MaxHeldRights, ManifestLimits.MaxRightChars);

    internal override string Expected => "a list of { \"service\": ..., \"rights\": [...], \"constraints\": { ... } }";

    internal override string Range => string.Create(CultureInfo.InvariantCulture, $"0 to {ManifestLimits.MaxHeldCapabilities}");

    internal override bool TryRead(JsonPiece piece, string path, FaultSink faults, out ImmutableArray<HeldCapability> value)
    {
        value = [];
        if (piece.Kind != JsonValueKind.Array)
        {
            return Refuse(piece, path, faults);
        }

        var read = piece.Items.Index().Select(item => ReadOne(item.Item, $"{path}[{item.Index}]", faults)).ToList();
        value = [.. read.OfType<HeldCapability>()];
        return value.Length == read.Count;
    }

    internal override void WriteSchema(Utf8JsonWriter json)
    {
        json.WriteString("type"u8, "array"u8);
        json.WriteStartObject("items"u8);
        WriteObject(json, () =>
        {
            WriteMember(json, Service, "service whose methods ask for the rights", new TextShape(ManifestLimits.MaxNameChars));
            WriteMember(json, Rights, "rights that those methods ask for, for example fs.read", Names);
            json.WriteStartObject(Constraints);
            json.WriteString("description"u8, "what narrows them"u8);
            WriteObject(json, () =>
            {
                WriteMember(json, PathPrefix, "absolute path beneath which paths must lie; without it no path is allowed", Text);
                WriteMember(json, RateLimit, "calls a second, for example 50rps; without it no limit", Text);
            });
            json.WriteEndObject();
        });
        WriteNames(json, "required", [Service, Rights]);
        json.WriteEndObject();
        json.WriteNumber("minItems"u8, 0);
        json.WriteNumber("maxItems"u8, ManifestLimits.MaxHeldCapabilities);
    }

    private static HeldCapability? ReadOne(JsonPiece piece, string path, FaultSink faults)
    {
        if (piece.Kind != JsonValueKind.Object)
        {
            faults.Add(piece.Offset, path, $"must be an object of {string.Join(", ", Members)}, not {piece.KindInWords}");
            return null;
        }

        var good = OnlyKnown(piece, path, Members, faults);
        good &= Read(piece, Service, path, Text, faults, required: true, out var service);
        good &= Read(piece, Rights, path, Names, faults, required: true, out var rights);
        good &= ReadConstraints(piece, path, faults, out var prefix, out var rate);
        return good ? new HeldCapability { Service = service!, Rights = rights, PathPrefix = prefix, RateLimit = rate } : null;
    }

    private static bool ReadConstraints(JsonPiece piece, string path, FaultSink faults, out string? prefix, out string? rate)
    {
        (prefix, rate) = (null, null);
        if (MemberOf(piece, Constraints) is not { } constraints)
        {
            return true;
        }

        var inner = $"{path}.{Constraints}";
        if (constraints.Kind != JsonValueKind.Object)
        {
            faults.Add(constraints.Offset, inner, $"must be an object of {string.Join(", ", Limits)}, not {constraints.KindInWords}");
            return false;
        }

        return OnlyKnown(constraints, inner, Limits, faults)
            & Read(constraints, PathPrefix, inner, Text, faults, required: false, out prefix)
            & Read(constraints, RateLimit, inner, Text, faults, required: false, out rate);
    }

    private static bool OnlyKnown(JsonPiece piece, string path, string[] known, FaultSink faults)
    {
        var strangers = piece.Members.Where(m => !known.Contains(m.Name)).ToList();
        foreach (var (name, offset, _) in strangers)
        {
            faults.Add(offset, $"{path}.{name}", $"is not a field here{NearestName.Hint(name, known)}; there are {string.Join(", ", known)}");
        }

        return strangers.Count == 0;
    }

    private static bool Read<T>(JsonPiece piece, string name, string path, FieldShape<T> shape, FaultSink faults, bool required, out T? value)
    {
        value = default;
        if (MemberOf(piece, name) is { } member)
        {
            return shape.TryRead(member, $"{path}.{name}", faults, out value);
        }

        if (required)
        {
            faults.Add(piece.Offset, $"{path}.{name}", $"is missing: it must be {shape.Expected}");
        }

        return !required;
    }

    private static JsonPiece? MemberOf(JsonPiece piece, string name) => piece.Members.FirstOrDefault(m => m.Name == name)?.Value;

    private static void WriteObject(Utf8JsonWriter json, Action properties)
    {
        json.WriteString("type"u8, "object"u8);
        json.WriteBoolean("additionalProperties"u8, false);
        json.WriteStartObject("properties"u8);
        properties();
        json.WriteEndObject();
    }

    private static void WriteMember<T>(Utf8JsonWriter json, string name, string description, FieldShape<T> shape)
    {
        json.WriteStartObject(name);
        json.WriteString("description"u8, description);
        shape.WriteSchema(json);
        json.WriteEndObject();
    }

    private static void WriteNames(Utf8JsonWriter json, string property, string[] names)
    {
        json.WriteStartArray(property);
        Array.ForEach(names, json.WriteStringValue);
        json.WriteEndArray();
    }
}
