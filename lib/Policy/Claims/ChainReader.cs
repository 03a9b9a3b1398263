using System.Text.Json;

namespace Strata.Policy;

/// <summary>Reads the claim <c>chain</c>. What it says decides what a revocation reaches, so nothing unknown is let through.</summary>
internal static class ChainReader
{
    private const string Field = "chain";

    internal static bool Read(ref StrictJson reader, out CapabilityChain chain)
    {
        chain = CapabilityChain.Empty;
        var found = new List<Ancestor>();
        if (!reader.ReadStart(JsonTokenType.StartArray, Field))
        {
            return false;
        }

        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (!ReadOne(ref reader, out var ancestor))
            {
                return false;
            }

            if (found.Exists(a => a.CapabilityId == ancestor.CapabilityId))
            {
                return reader.Fail($"{Field}: holds a capability twice");
            }

            found.Add(ancestor);
            if (found.Count > ClaimLimits.MaxChain)
            {
                return reader.Fail($"{Field}: has more than {ClaimLimits.MaxChain} capabilities");
            }
        }

        if (reader.Fault is not null || (found.Count == 0 && !reader.Fail($"{Field}: must name a capability, or be left out")))
        {
            return false;
        }

        chain = CapabilityChain.Of(found);
        return true;
    }

    private static bool ReadOne(ref StrictJson reader, out Ancestor ancestor)
    {
        ancestor = new Ancestor("");
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            return reader.Fail($"{Field}: must hold objects");
        }

        var seen = new List<string>();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (!reader.TakeString(Field, ClaimLimits.MaxNameBytes, out var name))
            {
                return false;
            }

            if (seen.Contains(name))
            {
                return reader.Fail($"{Field}: has a member twice");
            }

            seen.Add(name);
            if (!ReadMember(ref reader, name, ref ancestor))
            {
                return false;
            }
        }

        return reader.Fault is null && (ancestor.CapabilityId.Length > 0 || reader.Fail($"{Field}: lacks an id"));
    }

    private static bool ReadMember(ref StrictJson reader, string name, ref Ancestor ancestor)
    {
        if (name == "quota_bytes")
        {
            var isRead = reader.ReadWholeNumber("chain.quota_bytes", 1, ClaimLimits.MaxByteCount, out var quota);
            ancestor = ancestor with { QuotaBytes = quota };
            return isRead;
        }

        if (name is not ("id" or "sub" or "rate_limit"))
        {
            return reader.Fail($"{Field}: has a member this version does not know");
        }

        if (!reader.ReadString($"chain.{name}", ClaimLimits.MaxNameBytes, out var text))
        {
            return false;
        }

        var isValid = false;
        (isValid, ancestor) = name switch
        {
            "id" => (CapabilityNames.IsCapabilityId(text), ancestor with { CapabilityId = text }),
            "sub" => (CapabilityNames.IsIdentifier(text), ancestor with { Subject = text }),
            _ => (RateLimit.TryParse(text, out var rate, out _), ancestor with { RateLimit = rate }),
        };
        return isValid || reader.Fail($"chain.{name}: is not well-formed");
    }
}
