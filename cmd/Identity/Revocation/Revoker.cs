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
/// <param name="reach">What the caller may revoke.</param>
/// <param name="writer">Stores and publishes.</param>
/// <param name="board">Knows who has confirmed.</param>
/// <param name="audit">Records it.</param>
/// <param name="longestTtl">No capability of this node lives longer, so a revocation need not either.</param>
/// <param name="wait">The bound.</param>
/// <param name="time">The clock.</param>
/// <param name="log">Told of verifiers that lag.</param>
/// <param name="isSigningKey">Whether a key signs what is issued now.</param>
/// <param name="pendingRules">Keeps what is issued meanwhile from escaping a rule.</param>
internal sealed class Revoker(
    HolderReach reach, RevocationWriter writer, RevocationBoard board, AuditLog audit, TimeSpan longestTtl, TimeSpan wait, TimeProvider time, ILogger log, PendingRules pendingRules, Func<string, bool> isSigningKey)
{
    /// <summary>How long an answer waits for the audit record, which is written while verifiers confirm.</summary>
    private static readonly TimeSpan AuditWait = TimeSpan.FromSeconds(5);

    internal async ValueTask<Reply<RevokeResult>> RevokeAsync(RevokeParams parameters, CallContext call)
    {
        var parsed = RevokeWish.From(parameters, time.GetUtcNow());
        if (parsed.Error is { } malformed)
        {
            return malformed;
        }

        var wish = parsed.Value!;
        if (await reach.RefuseAsync(wish, call).ConfigureAwait(false) is { } refused)
        {
            return refused;
        }

        if (wish.Scope == RevocationScope.Key && wish.CapabilityId is null && isSigningKey(wish.Value))
        {
            return RpcError.Conflict("this key signs what is issued now, which would be void; rotate the keys first, then revoke the old one") with { Reason = "key_in_use" };
        }

        var record = AuditLog.Of("cap.revoked", "allowed", call) with { CapId = wish.CapabilityId, Resource = wish.Name };
        var stored = wish.CapabilityId is { } id
            ? await writer.RevokeAsync(new RevokedCapability(id, time.GetUtcNow() + longestTtl)).ConfigureAwait(false)
            : await RevokeByRuleAsync(wish).ConfigureAwait(false);
        if (stored.Error is { } error)
        {
            audit.Note(record with { Outcome = "failed", Reason = error.Reason });
            return error;
        }

        var audited = audit.CommitAsync(record);
        var pending = await board.WaitForVerifiersAsync(stored.Value, wait).ConfigureAwait(false);
        if (pending.Count > 0)
        {
            log.RevocationPending(wish.Name, string.Join(", ", pending));
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

    private async Task<Reply<long>> RevokeByRuleAsync(RevokeWish wish)
    {
        var announced = pendingRules.Begin(wish.Scope, wish.Value);
        try
        {
            var now = time.GetUtcNow();
            var before = DateTimeOffset.FromUnixTimeSeconds((wish.Before ?? now).ToUnixTimeSeconds());
            return await writer.RevokeAsync(new RevocationRule(wish.Scope, wish.Value, before, now + longestTtl)).ConfigureAwait(false);
        }
        finally
        {
            pendingRules.End(announced);
        }
    }
}
