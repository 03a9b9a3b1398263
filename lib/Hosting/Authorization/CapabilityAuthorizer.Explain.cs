using Strata.Ipc;
using Strata.Policy;

namespace Strata.Hosting;

/// <content>
/// Explanations. They go through the very checks of a call and have none of its effects: no rate is spent but that of the capability by which
/// somebody sees everything, no use and no signature is used up, and no handler runs.
/// </content>
public sealed partial class CapabilityAuthorizer
{
    /// <summary>The right by which a holder sees everything, at any service.</summary>
    public const string ExplainRight = "policy.explain";

    /// <inheritdoc/>
    public RpcError? Explain(in ExplanationQuery query, out ExplainResult? result)
    {
        result = null;
        if (FindView(query, out var isFull, out var proof) is { } refused)
        {
            return refused;
        }

        if (query.Uid is not null && !isFull)
        {
            // By asking for others a thief would learn what the capability allows its owner.
            return Deny(query.Own.Call, DenyReason.PeerNotAuthorized, null);
        }

        var call = CallOf(query, isFull, proof);
        var explanation = Explainer.Explain(call);
        if (!isFull)
        {
            NoteAttempt(query, call, explanation);
            explanation = explanation.ForCaller();
        }

        result = ResultOf(query.Method.Name, explanation, isFull);
        return null;
    }

    /// <summary>Who sees everything: an authority that sends no token of its own, and the holder of the right.</summary>
    private RpcError? FindView(in ExplanationQuery query, out bool isFull, out ProofStatus proof)
    {
        proof = ProofStatus.Missing;
        isFull = query.Own.Token.IsEmpty && _authority.Includes(query.Own.Call.Peer);
        if (query.Own.Token.IsEmpty || !_isFresh() || _verifier.Verify(query.Own.Token, _time.GetUtcNow()).Token?.Claims is not { } claims)
        {
            return null;
        }

        // An explanation spends no use: a capability for one call gives no further view.
        proof = claims.Constraints.HolderKey is null ? ProofStatus.Missing : _proofs.Check(claims, query.Own);
        var request = Request(query.Own.Call) with { Right = ExplainRight, AllowsOtherService = true, Use = UseStatus.Unknown, Proof = proof };
        isFull = Authorizer.Authorize(claims, request).IsAllowed;
        return isFull && _rates.TrySpend(claims, _time.GetTimestamp()) is { IsAllowed: false } spent ? DenyForNow(query.Own.Call, spent, null) : null;
    }

    private ExplainedCall CallOf(in ExplanationQuery query, bool isFull, ProofStatus proof)
    {
        var peer = query.Uid is { } uid ? query.Own.Call.Peer with { Uid = uid } : query.Own.Call.Peer;
        var request = Request(query.Method, peer);
        if (query.Method.Access.Kind == AccessKind.Open)
        {
            return new ExplainedCall { Token = TokenEvidence.Missing, Request = request, NeedsNoToken = true };
        }

        var access = CheckAccess(query.Method.Access, !query.Token.IsEmpty, peer, out var byCredentials);
        var evidence = query.Token.IsEmpty ? TokenEvidence.Missing
            : !_isFresh() ? TokenEvidence.Stale
            : TokenEvidence.Of(_verifier.Verify(query.Token, request.Now));
        var claims = evidence.Claims;
        return new ExplainedCall
        {
            Token = evidence,
            Request = request with
            {
                NeedsPath = query.Needs?.Resource is not null,
                Path = query.Needs?.Resource,
                // Who signs the question by the capability's key can sign the call.
                Proof = query.Token.SequenceEqual(query.Own.Token) ? proof : ProofStatus.Missing,
                Revocation = claims is null ? default : _verifier.Revocations.Check(claims),
            },
            Access = access == DenyReason.PeerNotAuthorized ? access : DenyReason.None,
            NeedsNoToken = byCredentials,
            // Only the holder can sign; who asks for others learns what would come after.
            LacksProof = isFull,
            LacksUse = Uses is not null,
            LacksPath = query.Needs is null && query.Method.HasResource,
            RevokedBy = claims is not null && isFull ? _verifier.Revocations.CauseOf(claims) : null,
            Rate = claims is null ? default : _rates.Peek(claims, _time.GetTimestamp()),
            FurtherRights = query.Needs?.Further.Rights ?? [],
            FurtherPaths = query.Needs?.Further.Paths ?? [],
        };
    }

    /// <summary>Trying a capability by explanations leaves the same trace as trying it.</summary>
    private void NoteAttempt(in ExplanationQuery query, ExplainedCall call, Explanation explanation)
    {
        if (explanation.Failure is { Reason: var reason })
        {
            _audit?.Note(AuditLog.Of("policy.explained", "denied", query.Own.Call) with
            {
                Subject = call.Token.Claims?.Subject,
                CapId = call.Token.Claims?.CapabilityId,
                Resource = query.Method.Name,
                Reason = DenyReasons.CodeOf(reason),
            });
        }
    }

    private static ExplainResult ResultOf(string method, Explanation explanation, bool isFull) => new(
        method,
        explanation.IsAllowed,
        isFull ? "full" : "caller",
        [.. explanation.Checks.Select(c => new ExplainedStep(CheckNames.Of(c.Check), CheckNames.Of(c.Outcome), CodeOf(c.Reason), c.Capability, c.Request, c.Needs))],
        CodeOf(explanation.Reason));

    private static string? CodeOf(DenyReason reason) => reason == DenyReason.None ? null : DenyReasons.CodeOf(reason);
}
