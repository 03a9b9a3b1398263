using System.Collections.Immutable;
using Strata.Policy;

namespace Strata.Identity;

/// <summary>
/// Rules on their way to the disk. A capability that is derived or renewed at that moment may bear a later date than the rule, so
/// whoever has signed one asks here, last of all, whether what it came from is ending.
/// </summary>
internal sealed class PendingRules(RevocationSet revocations)
{
    private ImmutableList<RevocationRule> _pending = [];

    /// <summary>Announces a rule before its date is chosen; <see cref="End"/> takes it back once the rule is in force, or failed.</summary>
    internal RevocationRule Begin(RevocationScope scope, string value)
    {
        var announced = new RevocationRule(scope, value, DateTimeOffset.MaxValue, DateTimeOffset.MaxValue);
        ImmutableInterlocked.Update(ref _pending, pending => pending.Add(announced));
        return announced;
    }

    internal void End(RevocationRule announced) => ImmutableInterlocked.Update(ref _pending, pending => RemoveOne(pending, announced));

    /// <summary>Whether a capability is revoked or about to be.</summary>
    internal bool IsEnding(CapabilityClaims claims)
    {
        // Before the set: a rule leaves here only once it is there.
        var pending = Volatile.Read(ref _pending);
        return pending.Exists(rule => rule.Ends(claims, claims.SignedBy)) || revocations.Check(claims) != RevocationStatus.Active;
    }

    private static ImmutableList<RevocationRule> RemoveOne(ImmutableList<RevocationRule> pending, RevocationRule announced) =>
        pending.RemoveAt(pending.FindIndex(rule => ReferenceEquals(rule, announced)));
}
