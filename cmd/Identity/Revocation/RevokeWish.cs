using System.Globalization;
using Strata.Contracts;
using Strata.Ipc;
using Strata.Policy;

namespace Strata.Identity;

/// <summary>What a revocation is to end: one capability, or all that a rule names.</summary>
/// <param name="CapabilityId">The capability; null for a rule.</param>
/// <param name="Scope">The rule's scope.</param>
/// <param name="Value">The rule's value.</param>
/// <param name="Before">The rule's date; null for now.</param>
internal sealed record RevokeWish(string? CapabilityId, RevocationScope Scope, string Value, DateTimeOffset? Before)
{
    /// <summary>What the audit log and the log call it.</summary>
    internal string Name => CapabilityId ?? $"{RuleRecords.ScopeName(Scope)}:{Value}";

    internal static Reply<RevokeWish> From(RevokeParams wanted, DateTimeOffset now)
    {
        string?[] given = [wanted.CapId, wanted.Subject, wanted.Template, wanted.Key, wanted.Before];
        if (given.Count(value => value is not null) != 1)
        {
            return RpcError.InvalidArgument("name what to revoke by one of \"cap_id\", \"subject\", \"template\", \"key\" and \"before\", and by one only");
        }

        return wanted switch
        {
            { CapId: { } id } => CapabilityNames.IsCapabilityId(id)
                ? new RevokeWish(id, default, "", null)
                : RpcError.InvalidField("cap_id", "the field \"cap_id\" must be the id of a capability: 16 to 64 lower-case hex digits, as identity.issue returned it"),
            { Subject: { } subject } => Rule("subject", RevocationScope.Subject, subject),
            { Template: { } template } => Rule("template", RevocationScope.Template, template),
            { Key: { } key } => Rule("key", RevocationScope.Key, key),
            _ => Everything(wanted.Before!, now),
        };
    }

    private static Reply<RevokeWish> Rule(string field, RevocationScope scope, string value) =>
        new RevocationRule(scope, value, default, default).IsWellFormed
            ? new RevokeWish(null, scope, value, null)
            : RpcError.InvalidField(field, $"the field \"{field}\" is not well-formed: no {field} has such a name");

    private static Reply<RevokeWish> Everything(string before, DateTimeOffset now)
    {
        if (!DateTimeOffset.TryParse(before, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at))
        {
            return RpcError.InvalidField("before", "the field \"before\" must be an RFC 3339 time such as 2026-01-31T12:00:00Z");
        }

        return at <= now
            ? new RevokeWish(null, RevocationScope.Everything, RevocationRule.AnyValue, at)
            : RpcError.InvalidField("before", "the field \"before\" must not lie in the future: what is not issued yet cannot be revoked");
    }
}
