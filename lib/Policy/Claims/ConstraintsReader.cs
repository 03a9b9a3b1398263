using System.Text.Json;

namespace Strata.Policy;

/// <summary>Reads the constraints. Unknown ones are kept by name, so that authorization can deny because of them.</summary>
internal static class ConstraintsReader
{
    internal static bool Read(ref StrictJson reader, out CapabilityConstraints constraints)
    {
        constraints = CapabilityConstraints.None;
        var seen = new List<string>();
        if (!reader.ReadStart(JsonTokenType.StartObject, "constraints"))
        {
            return false;
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (!reader.TakeString("constraints", ClaimLimits.MaxNameBytes, out var name))
            {
                return false;
            }

            if (seen.Contains(name))
            {
                return reader.Fail("constraints: one is given twice");
            }

            seen.Add(name);
            if (seen.Count > ClaimLimits.MaxConstraints)
            {
                return reader.Fail($"constraints: has more than {ClaimLimits.MaxConstraints} entries");
            }

            if (!ReadOne(ref reader, name, ref constraints))
            {
                return false;
            }
        }

        return reader.Fault is null;
    }

    private static bool ReadOne(ref StrictJson reader, string name, ref CapabilityConstraints constraints)
    {
        switch (name)
        {
            case "path_prefix":
                return ReadPathPrefix(ref reader, ref constraints);
            case "rate_limit":
                return ReadRateLimit(ref reader, ref constraints);
            case "methods_denied":
                return ReadMethodsDenied(ref reader, ref constraints);
            case "max_bytes" or "quota_bytes":
                return ReadByteCount(ref reader, name, ref constraints);
            case "read_only":
                constraints = constraints with { ReadOnly = true };
                return reader.ReadFlag("constraints.read_only");
            case "once":
                constraints = constraints with { Once = true };
                return reader.ReadFlag("constraints.once");
            case "not_before":
                return ReadNotBefore(ref reader, ref constraints);
            case "uid":
                return ReadUid(ref reader, ref constraints);
            case "holder_key":
                return ReadHolderKey(ref reader, ref constraints);
            default:
                constraints = constraints with { Unknown = NameList.Of(constraints.Unknown.Append(name)) };
                return reader.SkipValue();
        }
    }

    private static bool ReadMethodsDenied(ref StrictJson reader, ref CapabilityConstraints constraints)
    {
        const string field = "constraints.methods_denied";
        var isRead = ClaimsReader.ReadNames(ref reader, field, ClaimLimits.MaxMethodsDenied, CapabilityNames.IsRight, out var methods);
        constraints = constraints with { MethodsDenied = methods };
        return isRead && (methods.Count > 0 || reader.Fail($"{field}: must name a method, or be left out"));
    }

    private static bool ReadByteCount(ref StrictJson reader, string name, ref CapabilityConstraints constraints)
    {
        var isRead = reader.ReadWholeNumber($"constraints.{name}", 1, ClaimLimits.MaxByteCount, out var bytes);
        constraints = name == "max_bytes" ? constraints with { MaxBytes = bytes } : constraints with { QuotaBytes = bytes };
        return isRead;
    }

    private static bool ReadNotBefore(ref StrictJson reader, ref CapabilityConstraints constraints)
    {
        var isRead = ClaimsReader.ReadTime(ref reader, "constraints.not_before", out var notBefore);
        constraints = constraints with { NotBefore = notBefore };
        return isRead;
    }

    private static bool ReadUid(ref StrictJson reader, ref CapabilityConstraints constraints)
    {
        var isRead = reader.ReadWholeNumber("constraints.uid", 0, ClaimLimits.MaxUid, out var uid);
        constraints = constraints with { Uid = (uint)uid };
        return isRead;
    }

    private static bool ReadHolderKey(ref StrictJson reader, ref CapabilityConstraints constraints)
    {
        const string field = "constraints.holder_key";
        if (!reader.ReadString(field, ClaimLimits.MaxNameBytes, out var text))
        {
            return false;
        }

        if (!HolderKey.TryParse(text, out var key, out var fault))
        {
            return reader.Fail($"{field}: {fault}");
        }

        constraints = constraints with { HolderKey = key };
        return true;
    }

    private static bool ReadPathPrefix(ref StrictJson reader, ref CapabilityConstraints constraints)
    {
        const string field = "constraints.path_prefix";
        if (!reader.ReadString(field, ClaimLimits.MaxPathBytes, out var text))
        {
            return false;
        }

        if (!PathPrefix.TryParse(text, out var prefix, out var fault))
        {
            return reader.Fail($"{field}: {fault}");
        }

        constraints = constraints with { PathPrefix = prefix };
        return true;
    }

    private static bool ReadRateLimit(ref StrictJson reader, ref CapabilityConstraints constraints)
    {
        const string field = "constraints.rate_limit";
        if (!reader.ReadString(field, ClaimLimits.MaxNameBytes, out var text))
        {
            return false;
        }

        if (!RateLimit.TryParse(text, out var rate, out var fault))
        {
            return reader.Fail($"{field}: {fault}");
        }

        constraints = constraints with { RateLimit = rate };
        return true;
    }
}
