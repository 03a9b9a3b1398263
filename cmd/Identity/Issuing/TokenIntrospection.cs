using System.Text;
using Strata.Contracts;
using Strata.Policy;

namespace Strata.Identity;

/// <summary>
/// Serves <c>identity.introspect</c>: whoever has a token may learn what it says and whether it is good now. Of a token
/// without a valid signature nothing is said but that it is not.
/// </summary>
internal sealed class TokenIntrospection(TokenVerifier verifier, string issuer, TimeProvider time, Func<string, bool>? isUsed = null)
{
    internal IntrospectResult Introspect(string token)
    {
        var bytes = Encoding.UTF8.GetBytes(token);
        var verified = verifier.Verify(bytes, time.GetUtcNow());
        if (verified.IsVerified)
        {
            var claims = verified.Token.Claims;
            return Describe(claims, FaultOfClaims(claims));
        }

        return verified.Dead is { } dead ? Describe(dead, verified.Reason) : new IntrospectResult(false, DisclosedCodeOf(verified.Reason));
    }

    private DenyReason FaultOfClaims(CapabilityClaims claims) =>
        claims.Audience != CapabilityNames.Audience ? DenyReason.WrongAudience
        : claims.Issuer != issuer ? DenyReason.WrongIssuer
        : claims.Constraints.Once && isUsed?.Invoke(claims.CapabilityId) == true ? DenyReason.AlreadyUsed
        : DenyReason.None;

    private static string? DisclosedCodeOf(DenyReason reason)
    {
        var info = DenyReasons.Describe(reason);
        return info.IsDisclosed ? info.Code : null;
    }

    private static IntrospectResult Describe(CapabilityClaims claims, DenyReason reason) => new(
        reason == DenyReason.None,
        reason == DenyReason.None ? null : DenyReasons.CodeOf(reason),
        claims.CapabilityId,
        claims.Issuer,
        claims.Audience,
        claims.Subject,
        Rfc3339(claims.IssuedAt),
        Rfc3339(claims.ExpiresAt),
        claims.Service,
        claims.Actions.Count == 0 ? null : claims.Actions,
        claims.Rights.Count == 0 ? null : claims.Rights,
        LimitsView.Of(claims.Constraints),
        claims.Template,
        claims.Since is { } since ? Rfc3339(since) : null,
        claims.Chain.Count == 0 ? null : [.. claims.Chain.Select(a => a.CapabilityId)]);

    private static string Rfc3339(DateTimeOffset time) => LimitsView.Rfc3339(time);
}
