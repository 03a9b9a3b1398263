using System.Text.Json;

namespace Strata.Policy;

/// <summary>Reads the constraints. Unknown ones are kept by name, so that authorization can deny because of them.</summary>
internal static class ConstraintsReader
{
    internal static CapabilityConstraints Read(ref StrictJson reader)
    {
        var constraints = CapabilityConstraints.None;
        var seen = new List<string>();
        reader.ReadStart(JsonTokenType.StartObject, "constraints");
        while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
        {
            var name = reader.TakeString("constraints", ClaimLimits.MaxNameBytes);
            if (seen.Contains(name))
            {
                reader.Fail("constraints: one is given twice");
            }

            seen.Add(name);
            if (seen.Count > ClaimLimits.MaxConstraints)
            {
                reader.Fail($"constraints: has more than {ClaimLimits.MaxConstraints} entries");
            }

            constraints = ReadOne(ref reader, name, $"constraints.{name}", constraints);
        }

        return constraints;
    }

    internal static RateLimit ReadRateLimit(ref StrictJson reader, string field)
    {
        if (!RateLimit.TryParse(reader.ReadString(field, ClaimLimits.MaxNameBytes), out var rate, out var fault))
        {
            reader.Fail($"{field}: {fault}");
        }

        return rate;
    }

    private static CapabilityConstraints ReadOne(ref StrictJson reader, string name, string field, CapabilityConstraints known) => name switch
    {
        "path_prefix" => known with { PathPrefix = ReadPathPrefix(ref reader, field) },
        "rate_limit" => known with { RateLimit = ReadRateLimit(ref reader, field) },
        "methods_denied" => known with { MethodsDenied = ReadMethodsDenied(ref reader, field) },
        "max_bytes" => known with { MaxBytes = reader.ReadWholeNumber(field, 1, ClaimLimits.MaxByteCount) },
        "quota_bytes" => known with { QuotaBytes = reader.ReadWholeNumber(field, 1, ClaimLimits.MaxByteCount) },
        "read_only" => known with { ReadOnly = reader.ReadFlag(field) },
        "not_before" => known with { NotBefore = ClaimsReader.ReadTime(ref reader, field) },
        "uid" => known with { Uid = (uint)reader.ReadWholeNumber(field, 0, ClaimLimits.MaxUid) },
        "once" => known with { Once = reader.ReadFlag(field) },
        "sandbox" => SandboxClaims.Read(ref reader, known),
        "holder_key" => known with { HolderKey = ReadHolderKey(ref reader, field) },
        _ => SkipUnknown(ref reader, name, known),
    };

    private static CapabilityConstraints SkipUnknown(ref StrictJson reader, string name, CapabilityConstraints known)
    {
        reader.SkipValue();
        return known with { Unknown = NameList.Of(known.Unknown.Append(name)) };
    }

    private static NameList ReadMethodsDenied(ref StrictJson reader, string field)
    {
        var methods = ClaimsReader.ReadNames(ref reader, field, ClaimLimits.MaxMethodsDenied, CapabilityNames.IsRight);
        if (methods.Count == 0)
        {
            reader.Fail($"{field}: must name a method, or be left out");
        }

        return methods;
    }

    private static HolderKey? ReadHolderKey(ref StrictJson reader, string field)
    {
        if (!HolderKey.TryParse(reader.ReadString(field, ClaimLimits.MaxNameBytes), out var key, out var fault))
        {
            reader.Fail($"{field}: {fault}");
        }

        return key;
    }

    private static PathPrefix? ReadPathPrefix(ref StrictJson reader, string field)
    {
        if (!PathPrefix.TryParse(reader.ReadString(field, ClaimLimits.MaxPathBytes), out var prefix, out var fault))
        {
            reader.Fail($"{field}: {fault}");
        }

        return prefix;
    }
}
