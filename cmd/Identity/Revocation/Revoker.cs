using Microsoft.Extensions.Logging;
using Strata.Contracts;
using Strata.Hosting;
using Strata.Ipc;
using Strata.Policy;
using RevokedCapability = Strata.Policy.RevokedCapability;

namespace Strata.Identity;

/// <summary>
/// Serves <c>identity.revoke</c>: on disk, then in force here, then at every verifier, then the answer; or, after a bounded
/// wait, the answer that names the verifiers which have not confirmed.
/// </summary>
/// <param name="writer">Stores and publishes.</param>
/// <param name="board">Knows who has confirmed.</param>
/// <param name="audit">Records it.</param>
/// <param name="longestTtl">No capability of this node lives longer, so a revocation need not either.</param>
/// <param name="wait">The bound.</param>
/// <param name="time">The clock.</param>
/// <param name="log">Told of verifiers that lag.</param>
internal sealed class Revoker(
    RevocationWriter writer, RevocationBoard board, AuditLog audit, TimeSpan longestTtl, TimeSpan wait, TimeProvider time, ILogger log)
{
    /// <summary>How long an answer waits for the audit record, which is written while verifiers confirm.</summary>
    private static readonly TimeSpan AuditWait = TimeSpan.FromSeconds(5);

    internal async ValueTask<Reply<RevokeResult>> RevokeAsync(RevokeParams parameters, CallContext call)
    {
        var id = parameters.CapId;
        if (!CapabilityNames.IsCapabilityId(id))
        {
            return RpcError.InvalidField("cap_id", "the field \"cap_id\" must be the id of a capability: 16 to 64 lower-case hex digits, as identity.issue returned it");
        }

        var record = AuditLog.Of("cap.revoked", "allowed", call) with { CapId = id, Resource = id };
        var stored = await writer.RevokeAsync(new RevokedCapability(id, time.GetUtcNow() + longestTtl)).ConfigureAwait(false);
        if (stored.Error is { } error)
        {
            audit.Note(record with { Outcome = "failed", Reason = error.Reason });
            return error;
        }

        var audited = audit.CommitAsync(record);
        var pending = await board.WaitForVerifiersAsync(stored.Value, wait).ConfigureAwait(false);
        if (pending.Count > 0)
        {
            log.RevocationPending(id, string.Join(", ", pending));
        }

        try
        {
            await audited.WaitAsync(AuditWait, time).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or TimeoutException)
        {
            // Taking authority away never waits for the audit log; but the caller must know that the record is missing.
            return RpcError.Unavailable("the capability is revoked, but the audit log cannot be written; see the log of identity, then revoke again to record it", "audit_unavailable");
        }

        return new RevokeResult("revoked", pending.Count > 0 ? pending : null);
    }
}
