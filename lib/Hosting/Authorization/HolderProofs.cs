using System.Text;
using Strata.Ipc;
using Strata.Policy;

namespace Strata.Hosting;

/// <summary>Proofs of possession as they come to one service. Safe from any thread.</summary>
/// <param name="service">The service, which a proof names.</param>
/// <param name="time">The clock; what was signed before now is not taken, for another process may have taken it.</param>
internal sealed class HolderProofs(string service, TimeProvider time)
{
    // Timers end a little early by the clock that a proof is dated with; who then signs within the last refused millisecond would be refused once more.
    private static readonly TimeSpan TimerGrain = TimeSpan.FromMilliseconds(5);

    private readonly byte[] _service = Encoding.UTF8.GetBytes(service);
    private readonly ProofVerifier _verifier = new(Ed25519Provider.Create(), new ReplayWindow(time.GetUtcNow()));

    /// <summary>What the request proves, for a capability that is bound to a key.</summary>
    internal ProofStatus Check(CapabilityClaims claims, in AuthorizationQuery query) => _verifier.Check(
        claims,
        new SignedCall
        {
            Service = _service,
            ReqId = query.ReqIdRaw,
            Method = Encoding.UTF8.GetBytes(query.Method.Name),
            Params = query.Params,
            Token = query.Token,
            Streams = query.Call.WantsMore,
            TimeMs = query.Proof.TimeMs,
        },
        query.Proof.Signature,
        time.GetUtcNow());

    /// <summary>Adds to a denial when to sign anew, where that is not at once: in the first moment of a process.</summary>
    internal RpcError WithWait(RpcError denial)
    {
        var wait = _verifier.Window.OpensIn(time.GetUtcNow());
        return wait > TimeSpan.Zero ? CapabilityAuthorizer.WithRetry(denial, wait + TimerGrain) : denial;
    }
}
