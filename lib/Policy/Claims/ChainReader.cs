using System.Text.Json;

namespace Strata.Policy;

/// <summary>Reads the claim <c>chain</c>. What it says decides what a revocation reaches, so nothing unknown is let through.</summary>
internal static class ChainReader
{
    private const string Field = "chain";

    internal static CapabilityChain Read(ref StrictJson reader)
    {
        var found = new List<Ancestor>();
        reader.ReadStart(JsonTokenType.StartArray, Field);
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            var ancestor = ReadOne(ref reader);
            if (found.Exists(a => a.CapabilityId == ancestor.CapabilityId))
            {
                reader.Fail($"{Field}: holds a capability twice");
            }

            found.Add(ancestor);
            if (found.Count > ClaimLimits.MaxChain)
            {
                reader.Fail($"{Field}: has more than {ClaimLimits.MaxChain} capabilities");
            }
        }

        if (found.Count == 0)
        {
            reader.Fail($"{Field}: must name a capability, or be left out");
        }

        return reader.Fault is null ? CapabilityChain.Of(found) : CapabilityChain.Empty;
    }

    private static Ancestor ReadOne(ref StrictJson reader)
    {
        var ancestor = new Ancestor(string.Empty);
        var seen = new List<string>();
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            reader.Fail($"{Field}: must hold objects");
        }

        while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
        {
            var name = reader.TakeString(Field, ClaimLimits.MaxNameBytes);
            if (seen.Contains(name))
            {
                reader.Fail($"{Field}: has a member twice");
            }

            seen.Add(name);
            ancestor = ReadMember(ref reader, name, ancestor);
        }

        if (ancestor.CapabilityId.Length == 0)
        {
            reader.Fail($"{Field}: lacks an id");
        }

        return ancestor;
    }

    private static Ancestor ReadMember(ref StrictJson reader, string name, Ancestor known)
    {
        switch (name)
        {
            case "id":
                return known with { CapabilityId = ReadName(ref reader, "chain.id", CapabilityNames.IsCapabilityId) };
            case "sub":
                return known with { Subject = ReadName(ref reader, "chain.sub", CapabilityNames.IsIdentifier) };
            case "rate_limit":
                return known with { RateLimit = ConstraintsReader.ReadRateLimit(ref reader, "chain.rate_limit") };
            case "quota_bytes":
                return known with { QuotaBytes = reader.ReadWholeNumber("chain.quota_bytes", 1, ClaimLimits.MaxByteCount) };
            case "max_sessions":
                return known with { MaxSessions = reader.ReadWholeNumber("chain.max_sessions", 1, ClaimLimits.MaxSandboxNumber) };
            default:
                reader.Fail($"{Field}: has a member this version does not know");
                return known;
        }
    }

    private static string ReadName(ref StrictJson reader, string field, Func<string, bool> isValid)
    {
        var text = reader.ReadString(field, ClaimLimits.MaxNameBytes);
        if (!isValid(text))
        {
            reader.Fail($"{field}: is not well-formed");
        }

        return text;
    }
}
