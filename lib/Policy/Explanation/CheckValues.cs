using System.Globalization;

namespace Strata.Policy;

/// <summary>What a check compares, as text: the capability's side and the request's.</summary>
internal static class CheckValues
{
    internal static (string? Capability, string? Request) Of(AuthorizationCheck check, ExplainedCall call, in AuthorizationRequest request)
    {
        if (check == AuthorizationCheck.Access)
        {
            return (null, request.PeerUid is { } uid ? $"uid {uid}" : null);
        }

        return call.Token.Claims is { } claims ? OfClaims(check, claims, call, request) : (null, null);
    }

    /// <summary>The names of what limits a capability and only the service can hold it to, and of what this version does not know.</summary>
    internal static IEnumerable<string> ConstraintNames(CapabilityConstraints constraints) => [.. NamesOf(constraints.OfService), .. constraints.Unknown];

    /// <summary>The names of a set of constraints.</summary>
    internal static IEnumerable<string> NamesOf(ServiceConstraints set)
    {
        (ServiceConstraints Flag, string Name)[] all =
        [
            (ServiceConstraints.MaxBytes, "max_bytes"), (ServiceConstraints.QuotaBytes, "quota_bytes"), (ServiceConstraints.ReadOnly, "read_only"),
            (ServiceConstraints.Sandbox, "sandbox"),
        ];
        return all.Where(c => (set & c.Flag) != 0).Select(c => c.Name);
    }

    private static (string?, string?) OfClaims(AuthorizationCheck check, CapabilityClaims claims, ExplainedCall call, in AuthorizationRequest request)
    {
        var constraints = claims.Constraints;
        return check switch
        {
            AuthorizationCheck.Key => (claims.SignedBy, null),
            AuthorizationCheck.Lifetime => (Lifetime(claims), $"now {Rfc3339.Format(request.Now)}"),
            AuthorizationCheck.Revocation => (Family(claims), call.RevokedBy is { } by ? $"revoked by {by}" : null),
            AuthorizationCheck.Audience => (claims.Audience, request.Audience),
            AuthorizationCheck.Issuer => (claims.Issuer, request.Issuer),
            AuthorizationCheck.Uid => (Number(constraints.Uid), Number(request.PeerUid) ?? "not known"),
            AuthorizationCheck.HolderKey => (constraints.HolderKey?.Value, call.LacksProof ? null : Word(request.Proof)),
            AuthorizationCheck.Once => ("one call", call.LacksUse ? null : Word(request.Use)),
            AuthorizationCheck.Constraints => (List(ConstraintNames(constraints)), $"enforced: {List(NamesOf(request.Enforced)) ?? "none"}"),
            AuthorizationCheck.Service => (claims.Service, request.Service),
            AuthorizationCheck.Right => (List([.. claims.Rights, .. claims.Actions.Select(action => $"{claims.Service}.{action}")]) ?? "none", request.Right),
            AuthorizationCheck.Method => (List(constraints.MethodsDenied), request.Method),
            AuthorizationCheck.Path => (constraints.PathPrefix?.Value ?? "none", request.Path),
            AuthorizationCheck.Rate => (List(RatesOf(claims)), null),
            AuthorizationCheck.Further => (null, List([.. call.FurtherRights, .. call.FurtherPaths])),
            _ => (null, null),
        };
    }

    private static IEnumerable<string> RatesOf(CapabilityClaims claims) =>
    [
        .. claims.Constraints.RateLimit is { } own ? [own.ToString()] : (string[])[],
        .. claims.Chain.Reverse().Where(a => a.RateLimit is not null).Select(a => $"{a.RateLimit} of {a.CapabilityId}"),
    ];

    private static string Lifetime(CapabilityClaims claims)
    {
        var text = $"{Rfc3339.Format(claims.IssuedAt)} to {Rfc3339.Format(claims.ExpiresAt)}";
        return claims.Constraints.NotBefore is { } notBefore ? $"{text}, not before {Rfc3339.Format(notBefore)}" : text;
    }

    private static string Family(CapabilityClaims claims) =>
        claims.Chain.Count == 0 ? claims.CapabilityId : $"{claims.Chain} > {claims.CapabilityId}";

    private static string Word(Enum value) => value.ToString().ToLowerInvariant();

    private static string? Number(uint? value) => value?.ToString(CultureInfo.InvariantCulture);

    private static string? List(IEnumerable<string> names) => string.Join(", ", names) is { Length: > 0 } text ? text : null;
}
