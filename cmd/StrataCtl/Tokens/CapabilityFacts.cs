using System.Text.Json;
using Strata.StrataCtl.Connection;

namespace Strata.StrataCtl.Tokens;

/// <summary>What is known of one capability of a chain.</summary>
/// <param name="CapId">Its id.</param>
internal sealed record CapabilityFacts(string CapId)
{
    /// <summary>Whether its rights and limits are known, by its token or by identity's account; else only what a token derived from it says.</summary>
    public bool IsKnown { get; init; }

    public string? Subject { get; init; }

    public string? Expires { get; init; }

    public IReadOnlyList<string> Rights { get; init; } = [];

    /// <summary>What limits it, by the names of the protocol; values as text.</summary>
    public IReadOnlyDictionary<string, string> Limits { get; init; } = new Dictionary<string, string>();

    public IReadOnlyList<string> MethodsDenied { get; init; } = [];

    public bool? IsRevoked { get; init; }

    /// <summary>From identity's account.</summary>
    public static CapabilityFacts Of(JsonElement shown) => Read(shown, "cap_id", "subject", "expires") with
    {
        IsRevoked = shown.TryGetProperty("revoked", out var revoked) ? revoked.ValueKind == JsonValueKind.True : null,
    };

    /// <summary>From a token's claims.</summary>
    public static CapabilityFacts OfClaims(JsonElement claims) => Read(claims, "jti", "sub", "exp");

    /// <summary>From a link of a token's chain: a name, and the rate and quota that are shared with it.</summary>
    public static CapabilityFacts OfLink(JsonElement link) => link.ValueKind == JsonValueKind.String
        ? new(link.GetString()!)
        : new(TokenClaims.Text(link, "id") ?? "?") { Subject = TokenClaims.Text(link, "sub"), Limits = LimitsOf(link, ["rate_limit", "quota_bytes"]) };

    private static CapabilityFacts Read(JsonElement json, string id, string subject, string expires)
    {
        var constraints = json.TryGetProperty("constraints", out var found) && found.ValueKind == JsonValueKind.Object ? found : default;
        var service = TokenClaims.Text(json, "service");
        return new(TokenClaims.Text(json, id) ?? "?")
        {
            IsKnown = true,
            Subject = TokenClaims.Text(json, subject),
            Expires = TokenClaims.Text(json, expires),
            Rights = [.. Names(json, "rights").Concat(Names(json, "actions").Select(action => $"{service}.{action}")).Distinct()],
            MethodsDenied = constraints.ValueKind == JsonValueKind.Object ? [.. Names(constraints, "methods_denied")] : [],
            Limits = constraints.ValueKind == JsonValueKind.Object
                ? LimitsOf(constraints, constraints.EnumerateObject().Select(c => c.Name).Where(name => name != "methods_denied"))
                : new Dictionary<string, string>(),
        };
    }

    private static Dictionary<string, string> LimitsOf(JsonElement json, IEnumerable<string> names) =>
        names.Select(name => (name, Value: TokenClaims.Text(json, name))).Where(limit => limit.Value is not null).DistinctBy(limit => limit.name).ToDictionary(limit => limit.name, limit => limit.Value!);

    private static IEnumerable<string> Names(JsonElement json, string name) =>
        json.TryGetProperty(name, out var values) && values.ValueKind == JsonValueKind.Array
            ? values.EnumerateArray().Where(v => v.ValueKind == JsonValueKind.String).Select(v => v.GetString()!)
            : [];
}
