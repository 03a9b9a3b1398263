using Strata.Contracts;
using Strata.Hosting;
using Strata.Ipc;
using Strata.Linux;
using Strata.Policy;

namespace Strata.Identity;

/// <summary>Serves <c>identity.issue</c>. Whoever calls by a capability gets at most what that capability holds.</summary>
/// <param name="key">Signs.</param>
/// <param name="issuer">The issuer named in the tokens.</param>
/// <param name="limits">What the node allows.</param>
/// <param name="time">The clock.</param>
/// <param name="gate">Records what is issued.</param>
/// <param name="deny">Audits a denial and says what the caller may know of it.</param>
internal sealed class CapabilityIssuer(
    SigningKey key, string issuer, IssueLimits limits, TimeProvider time, AuditGate gate, Func<CallContext, DenyReason, string?, RpcError> deny)
{
    private const int CapabilityIdBytes = 16;

    internal async ValueTask<Reply<IssueResult>> IssueAsync(IssueParams wanted, CallContext call)
    {
        if (!IssueValidation.TryValidate(ToRequest(wanted), limits, out var grant, out var fault))
        {
            return InvalidField(fault);
        }

        var holder = (call.Principal as Principal)?.Claims;
        var claims = grant.ToClaims(issuer, SecureRandom.Hex(CapabilityIdBytes), time.GetUtcNow());
        if (IssueValidation.FaultOfTimes(claims) is { } faultOfTimes)
        {
            return InvalidField(faultOfTimes);
        }

        if (holder is not null && Narrowing.FindExcess(claims, holder) is { } excess)
        {
            return deny(call, DenyReason.ExceedsAuthority, excess.Field) with
            {
                Message = $"more was asked for than your own capability holds: {excess}",
                Details = [new("field", excess.Field)],
            };
        }

        if (!TokenIssuer.TryIssue(claims, key, out var token, out fault))
        {
            return InvalidField(fault);
        }

        var record = AuditLog.Of("cap.issued", "allowed", call) with
        {
            CapId = claims.CapabilityId,
            Subject = claims.Subject,
            Resource = claims.Service,
            Reason = holder is null ? null : "holder:" + holder.CapabilityId,
        };
        return await gate.RecordAsync(record).ConfigureAwait(false)
            ? new IssueResult(token, claims.CapabilityId, claims.ExpiresAt.ToUnixTimeSeconds())
            : RpcError.Unavailable("the audit log cannot be written, so nothing is issued; see the log of identity", "audit_unavailable");
    }

    private static IssueRequest ToRequest(IssueParams wanted) => new()
    {
        Service = wanted.Service,
        Actions = wanted.Actions,
        Rights = wanted.Rights,
        PathPrefix = wanted.PathPrefix,
        RateLimit = wanted.RateLimit,
        TtlSeconds = wanted.TtlSeconds,
        Subject = wanted.Subject,
        MethodsDenied = wanted.MethodsDenied,
        MaxBytes = wanted.MaxBytes,
        QuotaBytes = wanted.QuotaBytes,
        ReadOnly = wanted.ReadOnly,
        NotBefore = wanted.NotBefore,
        Uid = wanted.Uid,
    };

    private static RpcError InvalidField(FieldFault fault) => RpcError.InvalidField(fault.Field, $"the field \"{fault.Field}\" {fault.Message}");
}
