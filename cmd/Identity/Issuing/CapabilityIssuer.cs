using Strata.Contracts;
using Strata.Hosting;
using Strata.Ipc;
using Strata.Linux;
using Strata.Policy;

namespace Strata.Identity;

/// <summary>
/// Serves <c>identity.issue</c> and <c>identity.attenuate</c>. Whoever calls by a capability gets at most what that capability
/// holds, and what it gets carries the chain it came by.
/// </summary>
/// <param name="key">Signs.</param>
/// <param name="issuer">The issuer named in the tokens.</param>
/// <param name="limits">What the node allows.</param>
/// <param name="time">The clock.</param>
/// <param name="gate">Records what is issued.</param>
/// <param name="pendingRules">What is being revoked at this moment.</param>
/// <param name="revocations">What is revoked.</param>
/// <param name="deny">Audits a denial and says what the caller may know of it.</param>
internal sealed class CapabilityIssuer(
    SigningKey key, string issuer, IssueLimits limits, TimeProvider time, AuditGate gate, PendingRules pendingRules, RevocationSet revocations, Func<CallContext, DenyReason, string?, RpcError> deny)
{
    private const int CapabilityIdBytes = 16;

    internal async ValueTask<Reply<IssueResult>> IssueAsync(IssueParams wanted, CallContext call)
    {
        if (!IssueValidation.TryValidate(WishOf.Issue(wanted), limits, out var grant, out var fault))
        {
            return InvalidField(fault);
        }

        var claims = grant.ToClaims(issuer, NewId(), time.GetUtcNow());
        if (IssueValidation.FaultOfTimes(claims) is { } faultOfTimes)
        {
            return InvalidField(faultOfTimes);
        }

        if ((call.Principal as Principal)?.Claims is { } holder)
        {
            claims = Attenuation.Below(holder, claims);
            if ((Attenuation.FaultOfPassingOn(holder, claims) ?? Narrowing.FindExcess(claims, holder)) is { } excess)
            {
                return Exceeds(call, excess);
            }
        }

        return await SignAsync(claims, call).ConfigureAwait(false);
    }

    internal async ValueTask<Reply<IssueResult>> AttenuateAsync(AttenuateParams wanted, CallContext call)
    {
        var holder = ((Principal)call.Principal!).Claims!;
        if (!Attenuation.TryDerive(holder, WishOf.Attenuate(wanted), NewId(), time.GetUtcNow(), out var claims, out var fault, out var isExcess))
        {
            return isExcess ? Exceeds(call, fault) : InvalidField(fault);
        }

        return await SignAsync(claims, call).ConfigureAwait(false);
    }

    private static string NewId() => SecureRandom.Hex(CapabilityIdBytes);

    private RpcError Exceeds(CallContext call, FieldFault excess) => deny(call, DenyReason.ExceedsAuthority, excess.Field) with
    {
        Message = $"more was asked for than your own capability holds: {excess}",
        Details = [new("field", excess.Field)],
    };

    private async ValueTask<Reply<IssueResult>> SignAsync(CapabilityClaims claims, CallContext call)
    {
        // A rule covers what was issued in its second; what is issued after it must not be dead on arrival.
        claims = claims with { SignedBy = key.VerificationKey.KeyId };
        if (revocations.Check(claims) == RevocationStatus.Revoked)
        {
            claims = claims with { IssuedAt = claims.IssuedAt.AddSeconds(1) };
        }

        if (!TokenIssuer.TryIssue(claims, key, out var token, out var fault))
        {
            return InvalidField(fault);
        }

        // Last of all, for the capability it came from may have ended while this one was made.
        if ((call.Principal as Principal)?.Claims is { } holder && pendingRules.IsEnding(holder))
        {
            return deny(call, DenyReason.Revoked, null);
        }

        var record = AuditLog.Of("cap.issued", "allowed", call) with
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

    private static RpcError InvalidField(FieldFault fault) => RpcError.InvalidField(fault.Field, $"the field \"{fault.Field}\" {fault.Message}");
}
