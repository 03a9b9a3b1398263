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
        ReadObject(ref reader, draft);
        // Whatever follows the claims is a fault of the JSON.
        reader.Read();
        fault = reader.Fault;
        claims = fault is null ? draft.Build(rules, out fault) : null;
        return claims is not null;
    }

    private static void ReadObject(ref StrictJson reader, ClaimsDraft draft)
    {
        reader.ReadStart(JsonTokenType.StartObject, "claims");
        while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
        {
            ReadClaim(ref reader, draft, reader.TakeString("claim name", ClaimLimits.MaxNameBytes));
        }
    }

    private static void ReadClaim(ref StrictJson reader, ClaimsDraft draft, string name)
    {
        var field = FieldOf(name);
        if (field == ClaimFields.None && !name.StartsWith("x_", StringComparison.Ordinal))
        {
            reader.Fail($"{name}: is not a claim this version knows");
        }

        if (!draft.MarkSeen(field, name))
        {
            reader.Fail($"{name}: is given twice");
        }

        switch (field)
        {
            case ClaimFields.None:
                reader.SkipValue();
                break;
            case ClaimFields.IssuedAt:
                draft.IssuedAt = ReadTime(ref reader, name);
                break;
            case ClaimFields.ExpiresAt:
                draft.ExpiresAt = ReadTime(ref reader, name);
                break;
            case ClaimFields.Since:
                draft.Since = ReadTime(ref reader, name);
                break;
            case ClaimFields.Chain:
                draft.Chain = ChainReader.Read(ref reader);
                break;
            case ClaimFields.Actions:
                draft.Actions = ReadNames(ref reader, name, ClaimLimits.MaxActions, CapabilityNames.IsAction);
                break;
            case ClaimFields.Rights:
                draft.Rights = ReadNames(ref reader, name, ClaimLimits.MaxRights, CapabilityNames.IsRight);
                break;
            case ClaimFields.Constraints:
                draft.Constraints = ConstraintsReader.Read(ref reader);
                break;
            default:
                draft.SetName(field, ReadName(ref reader, name, field));
                break;
        }
    }

    private static string ReadName(ref StrictJson reader, string name, ClaimFields field)
    {
        var value = reader.ReadString(name, ClaimLimits.MaxNameBytes);
        var isValid = field switch
        {
            ClaimFields.CapabilityId => CapabilityNames.IsCapabilityId(value),
            ClaimFields.Service or ClaimFields.Template => CapabilityNames.IsService(value),
            _ => CapabilityNames.IsIdentifier(value),
        };
        if (!isValid)
        {
            reader.Fail($"{name}: is not well-formed");
        }

        return value;
    }

    internal static DateTimeOffset ReadTime(ref StrictJson reader, string name)
    {
        if (!Rfc3339.TryParse(reader.ReadString(name, ClaimLimits.MaxNameBytes), out var time))
        {
            reader.Fail($"{name}: must be an RFC 3339 time such as 2026-01-31T12:00:00Z");
        }

        return time;
    }

    internal static NameList ReadNames(ref StrictJson reader, string field, int max, Func<string, bool> isValid)
    {
        var found = new List<string>();
        reader.ReadStart(JsonTokenType.StartArray, field);
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            var name = reader.TakeString(field, ClaimLimits.MaxNameBytes);
            if (!isValid(name) || found.Contains(name))
            {
                reader.Fail($"{field}: holds a name that is not well-formed, or one twice");
            }

            found.Add(name);
            if (found.Count > max)
            {
                reader.Fail($"{field}: has more than {max} entries");
            }
        }

        return NameList.Of(found);
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
