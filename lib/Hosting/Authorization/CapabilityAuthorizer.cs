using Strata.Ipc;
using Strata.Policy;

namespace Strata.Hosting;

/// <summary>
/// The one authorization point of a service: peer credentials or a capability, judged by <see cref="Authorizer"/>, then
/// the capability's rate. Every denial is audited with its stable reason.
/// </summary>
public sealed partial class CapabilityAuthorizer : IAuthorizer
{
    private readonly string _service;
    private readonly string _issuer;
    private readonly TokenVerifier _verifier;
    private readonly RateLimiter _rates;
    private readonly PeerAuthority _authority;
    private readonly Func<bool> _isFresh;
    private readonly TimeProvider _time;
    private readonly AuditLog? _audit;
    private readonly LiveCalls _calls = new();
    private readonly HolderProofs _proofs;

    /// <summary>Puts the parts together.</summary>
    /// <param name="service">Name of the service, which capabilities must be for.</param>
    /// <param name="settings">The node.</param>
    /// <param name="verifier">Verifies tokens.</param>
    /// <param name="authority">Who needs no capability.</param>
    /// <param name="isFresh">Whether revocations are known well enough to rely on.</param>
    /// <param name="time">The clock.</param>
    /// <param name="audit">Where denials go; null for nowhere.</param>
    public CapabilityAuthorizer(
        string service, NodeSettings settings, TokenVerifier verifier, PeerAuthority authority, Func<bool> isFresh, TimeProvider time, AuditLog? audit)
    {
        (_service, _issuer, _verifier, _authority, _isFresh, _time, _audit) = (service, settings.Issuer, verifier, authority, isFresh, time, audit);
        _rates = new RateLimiter(time.TimestampFrequency);
        _proofs = new HolderProofs(service, time);
    }

    /// <summary>Rights by which a holder passes on its own authority; their capabilities name the service passed on, not this one.</summary>
    public IReadOnlySet<string> DelegatingRights { get; init; } = new HashSet<string>();

    /// <summary>
    /// The constraints that the service's own handlers enforce, in every method that works by a capability. A capability with
    /// another one is denied (<see cref="DenyReason.UnknownConstraint"/>). Default none.
    /// </summary>
    public ServiceConstraints Enforced { get; init; }

    /// <summary>Where the one use of a capability is recorded that has one; null, the default, denies those.</summary>
    public IUseLedger? Uses { get; init; }

    /// <inheritdoc/>
    public RpcError? Authenticate(in AuthorizationQuery query, out object? principal)
    {
        principal = null;
        var access = query.Method.Access;
        if (access.Kind == AccessKind.Open)
        {
            return null;
        }

        var denial = CheckAccess(access, !query.Token.IsEmpty, query.Peer, out var byCredentials);
        if (denial != DenyReason.None)
        {
            return Deny(query.Call, denial, null);
        }

        if (byCredentials)
        {
            principal = Principal.Authority;
            return null;
        }

        return AuthenticateToken(query, out principal);
    }

    /// <inheritdoc/>
    public RpcError? Authorize(object? principal, CallContext call, string? resource)
    {
        if (principal is not Principal { Claims: { } claims })
        {
            return null;
        }

        if (resource is not null)
        {
            var decision = Authorizer.Authorize(claims, Request(call) with
            {
                NeedsPath = true,
                Path = resource,
                // The first pass has decided it for this very call.
                Proof = ProofStatus.Valid,
            });
            if (!decision.IsAllowed)
            {
                return Deny(call, decision.Reason, resource);
            }
        }

        if (_rates.TrySpend(claims, _time.GetTimestamp()) is { IsAllowed: false } spent)
        {
            return DenyForNow(call, spent, resource);
        }

        return null;
    }

    /// <inheritdoc/>
    public Task<RpcError?>? Settle(object? principal, CallContext call) =>
        principal is Principal { Claims: { Constraints.Once: true } claims } ? SpendUseAsync(claims, call) : null;

    /// <inheritdoc/>
    public void Began(CallContext call)
    {
        if (call is { Principal: Principal { Claims: { } claims }, Method.OutlivesRevocation: false } && !_calls.Add(call, claims, _verifier.Revocations))
        {
            EndRevokedCalls();
        }
    }

    /// <summary>Ends the calls in progress, streams among them, of capabilities that are revoked by now; called whenever anything may have been.</summary>
    public void EndRevokedCalls()
    {
        foreach (var call in _calls.TakeRevoked(_verifier.Revocations))
        {
            call.Refuse(Deny(call, DenyReason.Revoked, null));
        }
    }

    /// <summary>Audits a denial and says as much of it as the caller may know.</summary>
    public RpcError Deny(CallContext call, DenyReason reason, string? resource)
    {
        _audit?.Note(AuditLog.Of("auth.denied", "denied", call) with { Reason = DenyReasons.CodeOf(reason), Resource = resource });
        return ErrorOf(reason);
    }

    /// <summary>The error for a denial, without the reason where the caller may not know it.</summary>
    public static RpcError ErrorOf(DenyReason reason)
    {
        var info = DenyReasons.Describe(reason);
        return new RpcError((ErrorCode)info.WireCode, info.Message) { Reason = info.IsDisclosed ? info.Code : null };
    }

    /// <summary>Adds to an error how long to wait before another attempt.</summary>
    internal static RpcError WithRetry(RpcError error, TimeSpan wait) => error with
    {
        Details = [new("retry_after_ms", Math.Ceiling(wait.TotalMilliseconds).ToString("0", System.Globalization.CultureInfo.InvariantCulture))],
    };

    private RpcError DenyForNow(CallContext call, RateOutcome spent, string? resource) => WithRetry(Deny(call, spent.Reason, resource), spent.RetryAfter);

    /// <summary>Whether a peer's credentials allow or deny by themselves; <see cref="DenyReason.None"/> without either leaves it to the token.</summary>
    private DenyReason CheckAccess(Access access, bool hasToken, Peer peer, out bool byCredentials) =>
        PeerAccess.Check(access.TakesToken, access.TakesAuthority, hasToken, !hasToken && _authority.Includes(peer), out byCredentials);

    private RpcError? AuthenticateToken(in AuthorizationQuery query, out object? principal)
    {
        principal = null;
        if (!_isFresh() && !query.Token.IsEmpty)
        {
            return Deny(query.Call, DenyReason.VerifierStale, null);
        }

        var verified = _verifier.Verify(query.Token, _time.GetUtcNow());
        if (!verified.IsVerified)
        {
            if (verified.Dead is { } dead)
            {
                query.Call.Identify(Principal.Holder(dead));
            }

            return Deny(query.Call, verified.Reason, null);
        }

        var claims = verified.Token.Claims;
        var request = Request(query.Call);
        if (claims.Constraints.HolderKey is not null)
        {
            request = request with { Proof = _proofs.Check(claims, query) };
        }

        var decision = Authorizer.Authorize(claims, request);
        principal = Principal.Holder(claims);
        if (decision.IsAllowed)
        {
            return null;
        }

        query.Call.Identify(principal);
        var denial = Deny(query.Call, decision.Reason, null);
        return decision.Reason == DenyReason.ProofReplayed ? _proofs.WithWait(denial) : denial;
    }

    private async Task<RpcError?> SpendUseAsync(CapabilityClaims claims, CallContext call)
    {
        var reason = await Uses!.SpendAsync(claims, call).ConfigureAwait(false);
        if (reason == DenyReason.None && _verifier.Revocations.Check(claims) == RevocationStatus.Revoked)
        {
            // While the use was recorded.
            reason = DenyReason.Revoked;
        }

        return reason == DenyReason.None ? null : Deny(call, reason, null);
    }

    private AuthorizationRequest Request(CallContext call) => Request(call.Method, call.Peer);

    private AuthorizationRequest Request(Method method, Peer peer) => new()
    {
        Service = _service,
        Right = method.Access.RightName ?? "",
        AnyHolder = method.Access.Kind is AccessKind.Holder or AccessKind.HolderOrAuthority,
        Method = method.Name,
        Issuer = _issuer,
        Now = _time.GetUtcNow(),
        PeerUid = peer.Uid,
        Enforced = Enforced,
        // With a ledger the use is spent last of all (see Settle), and decided there.
        Use = Uses is null ? UseStatus.Unknown : UseStatus.Unused,
        // The verifier has just checked it, in the same pass.
        Revocation = RevocationStatus.Active,
        AllowsOtherService = method.Access.RightName is { } right && DelegatingRights.Contains(right),
    };
}
