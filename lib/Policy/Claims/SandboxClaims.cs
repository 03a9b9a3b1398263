using System.Text.Json;

namespace Strata.Policy;

/// <summary>Reads and writes the constraint <c>sandbox</c>. Members that are not known are kept by name, so that authorization can deny because of them.</summary>
internal static class SandboxClaims
{
    private const string Field = "constraints.sandbox";

    internal static CapabilityConstraints Read(ref StrictJson reader, CapabilityConstraints known)
    {
        var (bounds, unknown, seen) = (SandboxBounds.None, new List<string>(), new List<string>());
        reader.ReadStart(JsonTokenType.StartObject, Field);
        while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
        {
            var name = reader.TakeString(Field, ClaimLimits.MaxNameBytes);
            if (seen.Contains(name) || seen.Count == ClaimLimits.MaxConstraints)
            {
                reader.Fail($"{Field}: has a member twice, or more than {ClaimLimits.MaxConstraints}");
            }

            seen.Add(name);
            bounds = ReadOne(ref reader, name, bounds, unknown);
        }

        if (seen.Count == 0)
        {
            reader.Fail($"{Field}: must bound something, or be left out");
        }

        return known with { Sandbox = bounds, Unknown = unknown.Count == 0 ? known.Unknown : NameList.Of(known.Unknown.Concat(unknown)) };
    }

    internal static void Write(Utf8JsonWriter json, SandboxBounds bounds)
    {
        if (bounds == SandboxBounds.None)
        {
            return;
        }

        json.WriteStartObject("sandbox"u8);
        WriteNames(json, "images"u8, bounds.Images);
        WriteNumber(json, "max_memory_bytes"u8, bounds.MaxMemoryBytes);
        WriteNumber(json, "max_cpu_millis"u8, bounds.MaxCpuMillis);
        WriteNumber(json, "max_pids"u8, bounds.MaxPids);
        WriteNumber(json, "max_disk_bytes"u8, bounds.MaxDiskBytes);
        WriteNumber(json, "max_sessions"u8, bounds.MaxSessions);
        WriteNames(json, "networks"u8, bounds.Networks);
        WriteNames(json, "domains"u8, bounds.Domains);
        WriteNames(json, "commands"u8, bounds.Commands);
        json.WriteEndObject();
    }

    private static SandboxBounds ReadOne(ref StrictJson reader, string name, SandboxBounds known, List<string> unknown)
    {
        switch (name)
        {
            case "images":
                return known with { Images = ReadNames(ref reader, name, SandboxNames.MaxImageBytes + 1, SandboxNames.IsImagePattern) };
            case "max_memory_bytes":
                return known with { MaxMemoryBytes = reader.ReadWholeNumber($"{Field}.{name}", 1, ClaimLimits.MaxByteCount) };
            case "max_cpu_millis":
                return known with { MaxCpuMillis = reader.ReadWholeNumber($"{Field}.{name}", 1, ClaimLimits.MaxSandboxNumber) };
            case "max_pids":
                return known with { MaxPids = reader.ReadWholeNumber($"{Field}.{name}", 1, ClaimLimits.MaxSandboxNumber) };
            case "max_disk_bytes":
                return known with { MaxDiskBytes = reader.ReadWholeNumber($"{Field}.{name}", 1, ClaimLimits.MaxByteCount) };
            case "max_sessions":
                return known with { MaxSessions = reader.ReadWholeNumber($"{Field}.{name}", 1, ClaimLimits.MaxSandboxNumber) };
            case "networks":
                return known with { Networks = ReadNames(ref reader, name, ClaimLimits.MaxNameBytes, SandboxNames.IsNetwork) };
            case "domains":
                return known with { Domains = ReadNames(ref reader, name, SandboxNames.MaxDomainBytes, SandboxNames.IsDomainPattern) };
            case "commands":
                return known with { Commands = ReadNames(ref reader, name, ClaimLimits.MaxPathBytes, SandboxNames.IsCommand) };
            default:
                reader.SkipValue();
                unknown.Add($"sandbox.{name}");
                return known;
        }
    }

    private static NameList ReadNames(ref StrictJson reader, string name, int maxBytes, Func<string, bool> isValid)
    {
        var found = new List<string>();
        reader.ReadStart(JsonTokenType.StartArray, $"{Field}.{name}");
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            var value = reader.TakeString($"{Field}.{name}", maxBytes);
            if (!isValid(value) || found.Contains(value) || found.Count == ClaimLimits.MaxSandboxNames)
            {
                reader.Fail($"{Field}.{name}: holds one that is not well-formed, or twice, or more than {ClaimLimits.MaxSandboxNames}");
            }

            found.Add(value);
        }

        if (found.Count == 0)
        {
            reader.Fail($"{Field}.{name}: must name one, or be left out");
        }

        return NameList.Of(found);
    }

    private static void WriteNames(Utf8JsonWriter json, ReadOnlySpan<byte> name, NameList names)
    {
        if (names.Count > 0)
        {
            json.WriteStartArray(name);
            for (var i = 0; i < names.Count; i++)
            {
                json.WriteStringValue(names[i]);
            }

            json.WriteEndArray();
        }
    }

    private static void WriteNumber(Utf8JsonWriter json, ReadOnlySpan<byte> name, long? value)
    {
        if (value is { } number)
        {
            json.WriteNumber(name, number);
        }
    }
}
