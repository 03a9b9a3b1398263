using Strata.Contracts;
using Strata.Hosting;
using Strata.Ipc;
using Strata.Policy;

namespace Strata.Identity;

/// <summary>
/// Serves <c>identity.use</c>, and spends the uses of capabilities that are used at identity itself. Methods that pass a capability on spend
/// its use as their own last step, so that a wish that is refused costs nothing.
/// </summary>
/// <param name="ledger">The uses.</param>
/// <param name="gate">Records them in the audit log.</param>
/// <param name="longestTtl">No capability of this node lives longer.</param>
/// <param name="time">The clock.</param>
internal sealed class UseRecorder(UseLedger ledger, AuditGate gate, TimeSpan longestTtl, TimeProvider time) : IUseLedger
{
    private static readonly UseResult Done = new(UseResult.Used);

    Task<DenyReason> IUseLedger.SpendAsync(CapabilityClaims claims, CallContext call) =>
        IdentityMethods.PassesOn(call.Method) ? Task.FromResult(DenyReason.None) : SpendAsync(claims, call);

    /// <summary>Spends the use of a capability for a call of this service.</summary>
    internal async Task<DenyReason> SpendAsync(CapabilityClaims claims, CallContext call)
    {
        var outcome = await ledger.SpendAsync(PackedId.Of(claims.CapabilityId), claims.ExpiresAt).ConfigureAwait(false);
        if (outcome == UseOutcome.Used && !await RecordAsync(claims.CapabilityId, claims.Subject, "identity", call.Method.Name, call).ConfigureAwait(false))
        {
            return DenyReason.UseUnavailable;
        }

        return outcome switch
        {
            UseOutcome.Used => DenyReason.None,
            UseOutcome.AlreadyUsed => DenyReason.AlreadyUsed,
            UseOutcome.Full => DenyReason.UsesFull,
            _ => DenyReason.UseUnavailable,
        };
    }

    internal async ValueTask<Reply<UseResult>> UseAsync(UseParams wanted, CallContext call)
    {
        var id = PackedId.Of(wanted.CapId);
        if (FaultOf(wanted, id) is { } fault)
        {
            return fault;
        }

        // Whoever names a later end than any capability has keeps no place for longer than one could need it.
        var (expires, latest) = (DateTimeOffset.FromUnixTimeSeconds(wanted.Expires), time.GetUtcNow() + longestTtl + ClockSkew.Max);
        var outcome = await ledger.SpendAsync(id, expires < latest ? expires : latest).ConfigureAwait(false);
        if (outcome != UseOutcome.Used)
        {
            return ErrorOf(outcome);
        }

        return await RecordAsync(wanted.CapId, wanted.Subject, wanted.Service, wanted.Method, call).ConfigureAwait(false)
            ? Done
            : RpcError.Unavailable("the audit log cannot be written, so no use is consented to; see the log of identity", "audit_unavailable");
    }

    private RpcError? FaultOf(UseParams wanted, PackedId id)
    {
        if (id.IsNone || !CapabilityNames.IsCapabilityId(wanted.CapId))
        {
            return RpcError.InvalidField("cap_id", "the field \"cap_id\" must be the id of a capability of this node: 32 lower-case hex digits");
        }

        if (DateTimeOffset.FromUnixTimeSeconds(wanted.Expires) < time.GetUtcNow() - ClockSkew.Max)
        {
            return RpcError.InvalidField("expires", "the field \"expires\" lies in the past: the capability has expired and cannot be used");
        }

        if (!CapabilityNames.IsService(wanted.Service))
        {
            return RpcError.InvalidField("service", "the field \"service\" must be the name of a service");
        }

        if (wanted.Subject is { } subject && !CapabilityNames.IsIdentifier(subject))
        {
            return RpcError.InvalidField("subject", "the field \"subject\" must be the subject of the capability");
        }

        return CapabilityNames.IsRight(wanted.Method) ? null : RpcError.InvalidField("method", "the field \"method\" must be the name of a method, such as \"fs.write_atomic\"");
    }

    private ValueTask<bool> RecordAsync(string capId, string? subject, string service, string method, CallContext call) =>
        gate.RecordAsync(AuditLog.Of("cap.used", "allowed", call) with { CapId = capId, Subject = subject, Resource = service, Method = method });

    private static RpcError ErrorOf(UseOutcome outcome) => outcome switch
    {
        UseOutcome.AlreadyUsed => CapabilityAuthorizer.ErrorOf(DenyReason.AlreadyUsed),
        UseOutcome.Full => CapabilityAuthorizer.ErrorOf(DenyReason.UsesFull),
        UseOutcome.Stopping => RpcError.Unavailable("identity is stopping; no use was consented to", "draining"),
        _ => RpcError.Unavailable("the use could not be stored, so it is not consented to; see the log of identity", "storage_failed"),
    };
}
