using System.Runtime.CompilerServices;

namespace Strata.Policy;

/// <summary>Ends at the first check that fails and keeps its reason: a decision.</summary>
internal struct FirstFailure : ICheckWitness
{
    internal DenyReason Reason;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool Ends(AuthorizationCheck check, DenyReason reason)
    {
        Reason = reason;
        return reason != DenyReason.None;
    }
}
