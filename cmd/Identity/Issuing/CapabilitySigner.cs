using Strata.Contracts;
using Strata.Hosting;
using Strata.Ipc;
using Strata.Policy;

namespace Strata.Identity;

/// <summary>The last steps of everything that is issued: signed, checked against what is being revoked, taken into the account, recorded.</summary>
/// <param name="keys">Sign.</param>
/// <param name="version">The version of what is issued.</param>
/// <param name="store">Keeps account.</param>
/// <param name="gate">Records what is issued.</param>
/// <param name="pendingRules">What is being revoked at this moment.</param>
/// <param name="revocations">What is revoked.</param>
/// <param name="uses">Spends the use of a capability for one call when it is passed on.</param>
/// <param name="deny">Audits a denial and says what the caller may know of it.</param>
internal sealed class CapabilitySigner(
    KeyRing keys, TokenVersion version, IssuedStore store, AuditGate gate, PendingRules pendingRules, RevocationSet revocations, UseRecorder uses, Func<CallContext, DenyReason, string?, RpcError> deny)
{
    internal async ValueTask<Reply<IssueResult>> SignAsync(CapabilityClaims claims, string happening, CallContext call)
    {
        string? token;
        using (var use = keys.Begin(version, claims.ExpiresAt))
        {
            claims = claims with { SignedBy = use.Key.VerificationKey.KeyId };
            // A rule covers what was issued in its second; what is issued after it must not be dead on arrival.
            if (revocations.Check(claims) == RevocationStatus.Revoked)
            {
                claims = claims with { IssuedAt = claims.IssuedAt.AddSeconds(1) };
            }

            if (!TokenIssuer.TryIssue(claims, use.Key, out token, out var fault))
            {
                return RpcError.InvalidField(fault.Field, $"the field \"{fault.Field}\" {fault.Message}");
            }
        }

        var holder = (call.Principal as Principal)?.Claims;
        if (holder is { Constraints.Once: true } && await uses.SpendAsync(holder, call).ConfigureAwait(false) is var reason and not DenyReason.None)
        {
            return deny(call, reason, null);
        }

        // Last of all, for the capability it came from may have ended while this one was made.
        if (holder is not null && pendingRules.IsEnding(holder))
        {
            return deny(call, DenyReason.Revoked, null);
        }

        var outcome = holder?.CapabilityId == claims.CapabilityId ? store.Renew(claims) : store.Add(claims, holder);
        if (outcome != IssuedOutcome.Stored)
        {
            return ErrorOf(outcome);
        }

        var record = AuditLog.Of(happening, "allowed", call) with
        {
            CapId = claims.CapabilityId,
            Subject = claims.Subject,
            Resource = claims.Service,
            Reason = claims.Parent is { } parent ? "holder:" + parent : null,
        };
        return await gate.RecordAsync(record).ConfigureAwait(false)
            ? new IssueResult(token, claims.CapabilityId, claims.ExpiresAt.ToUnixTimeSeconds())
            : RpcError.Unavailable("the audit log cannot be written, so nothing is issued; see the log of identity", "audit_unavailable");
    }

    private static RpcError ErrorOf(IssuedOutcome outcome) => outcome switch
    {
        IssuedOutcome.Full => RpcError.ResourceExhausted("this node has issued as many capabilities as it keeps account of; some must expire first", "capabilities_full"),
        IssuedOutcome.TooManyDerived => RpcError.ResourceExhausted(
            "as many capabilities were derived from this one's root as may be; ask for a new root", "too_many_derived"),
        _ => RpcError.Unavailable("the state of identity cannot be written, so nothing is issued; see its log and try again", "storage_failed"),
    };
}
