using Strata.Ipc;
using Strata.Policy;

namespace Strata.Hosting;

/// <summary>Records the one use of capabilities that have one: one ledger for all services of a node.</summary>
public interface IUseLedger
{
    /// <summary>
    /// Spends the one use of a capability for a call that is allowed otherwise. What completes with <see cref="DenyReason.None"/> is on
    /// disk, and nobody else was told the same of this capability, ever.
    /// </summary>
    /// <param name="claims">The capability, which has <c>once</c>.</param>
    /// <param name="call">The call it is spent for.</param>
    /// <returns><see cref="DenyReason.None"/>, or why the call must not be made.</returns>
    Task<DenyReason> SpendAsync(CapabilityClaims claims, CallContext call);
}
