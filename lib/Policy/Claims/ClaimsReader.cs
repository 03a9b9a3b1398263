using System.Diagnostics.CodeAnalysis;
using System.Text.Json;

namespace Strata.Policy;

/// <summary>
/// Reads the payload of a token. Strict: duplicates, wrong types, unknown claims and broken values are refused. Claims whose
/// names begin with <c>x_</c> are for information and ignored; every other unknown claim might restrict, and is refused.
/// </summary>
public static class ClaimsReader
{
    /// <summary>Reads claims.</summary>
    /// <param name="json">The payload, UTF-8.</param>
    /// <param name="rules">How tokens without issuer and audience are taken.</param>
    /// <param name="claims">The claims, when the answer is true.</param>
    /// <param name="fault">The first fault and its field, when the answer is false.</param>
    /// <returns>False for anything that is not exactly a capability; never throws.</returns>
    public static bool TryRead(
        ReadOnlySpan<byte> json,
        ClaimsRules rules,
        [NotNullWhen(true)] out CapabilityClaims? claims,
        [NotNullWhen(false)] out string? fault)
    {
        var draft = new ClaimsDraft();
        var reader = new StrictJson(json);
        claims = null;
        if (ReadObject(ref reader, draft) && !reader.Read() && reader.Fault is null)
        {
            claims = draft.Build(rules, out fault);
            return claims is not null;
        }

        fault = reader.Fault ?? "has something after the claims";
        return false;
    }

    private static bool ReadObject(ref StrictJson reader, ClaimsDraft draft)
    {
        if (!reader.ReadStart(JsonTokenType.StartObject, "claims"))
        {
            return false;
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (!reader.TakeString("claim name", ClaimLimits.MaxNameBytes, out var name) || !ReadClaim(ref reader, draft, name))
            {
                return false;
            }
        }

        return reader.Fault is null && reader.TokenType == JsonTokenType.EndObject;
    }

    private static bool ReadClaim(ref StrictJson reader, ClaimsDraft draft, string name)
    {
        var field = FieldOf(name);
        if (field == ClaimFields.None && !name.StartsWith("x_", StringComparison.Ordinal))
        {
            return reader.Fail($"{name}: is not a claim this version knows");
        }

        if (!draft.MarkSeen(field, name))
        {
            return reader.Fail($"{name}: is given twice");
        }

        return field switch
        {
            ClaimFields.None => reader.SkipValue(),
            ClaimFields.IssuedAt => ReadTime(ref reader, name, out draft.IssuedAt),
            ClaimFields.ExpiresAt => ReadTime(ref reader, name, out draft.ExpiresAt),
            ClaimFields.Since => ReadTime(ref reader, name, out draft.Since),
            ClaimFields.Chain => ChainReader.Read(ref reader, out draft.Chain),
            ClaimFields.Actions => ReadNames(ref reader, name, ClaimLimits.MaxActions, CapabilityNames.IsAction, out draft.Actions),
            ClaimFields.Rights => ReadNames(ref reader, name, ClaimLimits.MaxRights, CapabilityNames.IsRight, out draft.Rights),
            ClaimFields.Constraints => ConstraintsReader.Read(ref reader, out draft.Constraints),
            _ => ReadName(ref reader, name, field, draft),
        };
    }

    private static bool ReadName(ref StrictJson reader, string name, ClaimFields field, ClaimsDraft draft)
    {
        if (!reader.ReadString(name, ClaimLimits.MaxNameBytes, out var value))
        {
            return false;
        }

        var isValid = field switch
        {
            ClaimFields.CapabilityId => CapabilityNames.IsCapabilityId(value),
            ClaimFields.Service or ClaimFields.Template => CapabilityNames.IsService(value),
            _ => CapabilityNames.IsIdentifier(value),
        };
        draft.SetName(field, value);
        return isValid || reader.Fail($"{name}: is not well-formed");
    }

    internal static bool ReadTime(ref StrictJson reader, string name, out DateTimeOffset time)
    {
        time = default;
        return reader.ReadString(name, ClaimLimits.MaxNameBytes, out var text)
            && (Rfc3339.TryParse(text, out time) || reader.Fail($"{name}: must be an RFC 3339 time such as 2026-01-31T12:00:00Z"));
    }

    internal static bool ReadNames(ref StrictJson reader, string field, int max, Func<string, bool> isValid, out NameList names)
    {
        names = NameList.Empty;
        var found = new List<string>();
        if (!reader.ReadStart(JsonTokenType.StartArray, field))
        {
            return false;
        }

        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (!reader.TakeString(field, ClaimLimits.MaxNameBytes, out var name))
            {
                return false;
            }

            if (!isValid(name) || found.Contains(name))
            {
                return reader.Fail($"{field}: holds a name that is not well-formed, or one twice");
            }

            found.Add(name);
            if (found.Count > max)
            {
                return reader.Fail($"{field}: has more than {max} entries");
            }
        }

        names = NameList.Of(found);
        return reader.Fault is null;
    }

    private static ClaimFields FieldOf(string name) => name switch
    {
        "iss" => ClaimFields.Issuer,
        "aud" => ClaimFields.Audience,
        "jti" => ClaimFields.CapabilityId,
        "sub" => ClaimFields.Subject,
        "iat" => ClaimFields.IssuedAt,
        "exp" => ClaimFields.ExpiresAt,
        "service" => ClaimFields.Service,
        "actions" => ClaimFields.Actions,
        "rights" => ClaimFields.Rights,
        "constraints" => ClaimFields.Constraints,
        "template" => ClaimFields.Template,
        "since" => ClaimFields.Since,
        "chain" => ClaimFields.Chain,
        _ => ClaimFields.None,
    };
}
