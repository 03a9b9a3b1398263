using System.Globalization;
using Strata.Contracts;
using Strata.Ipc;
using Strata.Policy;

namespace Strata.Identity;

/// <summary>Serves <c>identity.list</c> and <c>identity.show</c>.</summary>
/// <param name="store">What was issued.</param>
/// <param name="revocations">What is revoked.</param>
/// <param name="keyIdOf">The id of a key that an earlier version may have noted by another name.</param>
/// <param name="time">The clock.</param>
internal sealed class IssuedMethods(IssuedStore store, RevocationSet revocations, Func<string, string> keyIdOf, TimeProvider time)
{
    internal ValueTask<Reply<IssuedList>> ListAsync(IssuedListParams wanted, CallContext call)
    {
        DateTimeOffset? before = null;
        if (wanted.ExpiresBefore is { } text)
        {
            if (!DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var parsed))
            {
                return Refuse("expires_before", "must be an RFC 3339 time such as 2026-01-31T12:00:00Z");
            }

            before = parsed;
        }

        var after = 0u;
        if (wanted.Cursor is { } cursor && !uint.TryParse(cursor, NumberStyles.None, CultureInfo.InvariantCulture, out after))
        {
            return Refuse("cursor", "must be one that identity.list gave as \"next\"");
        }

        var query = new IssuedQuery(wanted.Subject, wanted.Service, wanted.Template, wanted.Parent, before, time.GetUtcNow()) { Limit = wanted.Limit };
        var (page, next) = store.List(query, after);
        return (Reply<IssuedList>)new IssuedList([.. page.Select(Summarise)], next?.ToString(CultureInfo.InvariantCulture));
    }

    internal ValueTask<Reply<IssuedCapability>> ShowAsync(ShowParams wanted, CallContext call)
    {
        if (!CapabilityNames.IsCapabilityId(wanted.CapId))
        {
            return (Reply<IssuedCapability>)RpcError.InvalidField("cap_id", "the field \"cap_id\" must be the id of a capability: 16 to 64 lower-case hex digits");
        }

        return store.Find(wanted.CapId) is var (claims, derived)
            ? (Reply<IssuedCapability>)Describe(claims, derived)
            : (Reply<IssuedCapability>)RpcError.NotFound("no capability of this id is known that has not expired; one issued in the last moments before a crash may be valid all the same");
    }

    private static Reply<IssuedList> Refuse(string field, string message) => RpcError.InvalidField(field, $"the field \"{field}\" {message}");

    private string KeyIdOf(CapabilityClaims claims) => keyIdOf(claims.SignedBy ?? "");

    private bool IsRevoked(CapabilityClaims claims) => revocations.Check(claims, KeyIdOf(claims)) == RevocationStatus.Revoked;

    private IssuedSummary Summarise(CapabilityClaims claims) => new(
        claims.CapabilityId, claims.Subject, claims.Service, LimitsView.Rfc3339(claims.IssuedAt), LimitsView.Rfc3339(claims.ExpiresAt), IsRevoked(claims), claims.Parent, claims.Template);

    private IssuedCapability Describe(CapabilityClaims claims, int derived) => new(
        claims.CapabilityId,
        claims.Subject,
        claims.Service,
        LimitsView.Rfc3339(claims.IssuedAt),
        LimitsView.Rfc3339(claims.ExpiresAt),
        IsRevoked(claims),
        KeyIdOf(claims),
        derived,
        claims.Rights.Count == 0 ? null : claims.Rights,
        claims.Actions.Count == 0 ? null : claims.Actions,
        LimitsView.Of(claims.Constraints),
        claims.Template,
        claims.Since is { } since ? LimitsView.Rfc3339(since) : null,
        claims.Chain.Count == 0 ? null : [.. claims.Chain.Select(a => a.CapabilityId)]);
}
