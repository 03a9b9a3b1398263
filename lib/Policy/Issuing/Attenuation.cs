using System.Diagnostics.CodeAnalysis;

namespace Strata.Policy;

/// <summary>
/// From a capability and a wish to a narrower capability. What the wish leaves out is inherited; what it names replaces, except
/// for denied methods, which are added. The result is within the parent (<see cref="Narrowing"/>) and carries its chain. Whoever derives from a
/// capability for one call spends its use: the child then has the one there is.
/// </summary>
public static class Attenuation
{
    /// <summary>Derives a capability.</summary>
    /// <param name="parent">The capability of the one who asks.</param>
    /// <param name="wish">What to narrow. Its service may be left out.</param>
    /// <param name="capabilityId">The new capability's id.</param>
    /// <param name="now">The time of issue.</param>
    /// <param name="child">The claims of the new capability, when the answer is true.</param>
    /// <param name="fault">The first field that is not well-formed, when the answer is false.</param>
    /// <param name="isExcess">Whether the fault is that more was asked for than the parent holds.</param>
    public static bool TryDerive(
        CapabilityClaims parent,
        IssueRequest wish,
        string capabilityId,
        DateTimeOffset now,
        [NotNullWhen(true)] out CapabilityClaims? child,
        [NotNullWhen(false)] out FieldFault? fault,
        out bool isExcess)
    {
        child = null;
        isExcess = false;
        if (!IssueValidation.TryValidate(Completed(wish, parent), IssueLimits.Widest, out var grant, out fault))
        {
            return false;
        }

        var constraints = parent.Constraints;
        _ = ConstraintsValidation.TryApply(wish, ref constraints, out _);
        constraints = constraints with { MethodsDenied = NameList.Of(parent.Constraints.MethodsDenied.Concat(constraints.MethodsDenied)) };
        if (constraints.MethodsDenied.Count > ClaimLimits.MaxMethodsDenied)
        {
            fault = new FieldFault("methods_denied", $"must, with those of your own capability, be at most {ClaimLimits.MaxMethodsDenied}");
            return false;
        }

        var derived = (grant with { Constraints = constraints }).ToClaims(parent.Issuer, capabilityId, now);
        child = Below(parent, wish.TtlSeconds is null ? derived with { ExpiresAt = parent.ExpiresAt } : derived);
        fault = FaultOfPassingOn(child) ?? FaultOfEnd(parent, child) ?? Narrowing.FindExcess(child, parent);
        isExcess = fault is not null;
        fault ??= IssueValidation.FaultOfTimes(child);
        child = fault is null ? child : null;
        return child is not null;
    }

    /// <summary>Puts a capability beneath the one it is issued by: the chain, the template and the beginning of the line.</summary>
    /// <remarks>A chain may become too long by this; <see cref="FaultOfPassingOn"/> says so.</remarks>
    public static CapabilityClaims Below(CapabilityClaims parent, CapabilityClaims child)
    {
        var subject = parent.Subject == child.Subject ? null : parent.Subject;
        var link = new Ancestor(parent.CapabilityId, subject, parent.Constraints.RateLimit, parent.Constraints.QuotaBytes, parent.Constraints.Sandbox.MaxSessions);
        return child with
        {
            Template = parent.Template,
            Since = parent.Began,
            Chain = parent.Chain.Count < ClaimLimits.MaxChain ? CapabilityChain.Of([.. parent.Chain, link]) : CapabilityChain.Empty,
        };
    }

    /// <summary>Why a capability cannot have one beneath it that <see cref="Below"/> has put there; null when it can.</summary>
    public static FieldFault? FaultOfPassingOn(CapabilityClaims child) => child.Chain.Count == 0
        ? new FieldFault("chain", $"must be at most {ClaimLimits.MaxChain} deep; narrow an earlier capability instead")
        : null;

    private static FieldFault? FaultOfEnd(CapabilityClaims parent, CapabilityClaims child) => child.IssuedAt >= parent.ExpiresAt
        ? new FieldFault("ttl_seconds", "must end no later than your own capability, which ends now")
        : null;

    private static IssueRequest Completed(IssueRequest wish, CapabilityClaims parent)
    {
        var inheritsGrant = wish.Rights is null && wish.Actions is null;
        return wish with
        {
            Service = wish.Service ?? parent.Service,
            Rights = inheritsGrant ? parent.Rights : wish.Rights,
            Actions = inheritsGrant ? parent.Actions : wish.Actions,
            Subject = wish.Subject ?? parent.Subject,
        };
    }
}
