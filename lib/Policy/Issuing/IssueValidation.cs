using System.Diagnostics.CodeAnalysis;

namespace Strata.Policy;

/// <summary>Checks a request for a capability. A malformed field is refused by name; it never means "no limit".</summary>
public static class IssueValidation
{
    /// <summary>Checks a request.</summary>
    /// <param name="request">What was asked for.</param>
    /// <param name="limits">What the node allows.</param>
    /// <param name="grant">The checked form, when the answer is true.</param>
    /// <param name="fault">The first wrong field, when the answer is false.</param>
    public static bool TryValidate(
        IssueRequest request, IssueLimits limits, [NotNullWhen(true)] out CapabilityGrant? grant, [NotNullWhen(false)] out FieldFault? fault)
    {
        grant = null;
        var subject = request.Subject ?? CapabilityNames.AnonymousSubject;
        fault = FaultOfService(request.Service)
            ?? FaultOfNames("actions", request.Actions, ClaimLimits.MaxActions, CapabilityNames.IsAction, "an action, such as \"open\"")
            ?? FaultOfNames("rights", request.Rights, ClaimLimits.MaxRights, CapabilityNames.IsRight, "a right, such as \"fs.open\"")
            ?? FaultOfSubject(subject)
            ?? FaultOfTtl(request.TtlSeconds, limits);
        var constraints = CapabilityConstraints.None;
        if (fault is not null || !ConstraintsValidation.TryApply(request, ref constraints, out fault))
        {
            return false;
        }

        grant = new CapabilityGrant(
            request.Service!,
            NameList.Of(request.Actions ?? []),
            NameList.Of(request.Rights ?? []),
            constraints,
            TimeSpan.FromSeconds(request.TtlSeconds ?? limits.DefaultTtlSeconds),
            subject);
        return true;
    }

    /// <summary>What is wrong with the times of claims that are about to be signed; null when nothing is.</summary>
    public static FieldFault? FaultOfTimes(CapabilityClaims claims) => claims.Constraints.NotBefore >= claims.ExpiresAt
        ? new FieldFault("not_before", "must come before the capability expires")
        : null;

    private static FieldFault? FaultOfService(string? service)
    {
        if (service is null)
        {
            return new FieldFault("service", "is required: name the service the capability is for, such as \"fs\"");
        }

        return CapabilityNames.IsService(service)
            ? null
            : new FieldFault("service", $"must be a lower-case name of at most {ClaimLimits.MaxNameBytes} letters, digits, '_' and '-', such as \"fs\"");
    }

    internal static FieldFault? FaultOfNames(string field, IReadOnlyList<string>? names, int max, Func<string?, bool> isValid, string expected)
    {
        if (names is null)
        {
            return null;
        }

        if (names.Count > max)
        {
            return new FieldFault(field, $"must have at most {max} entries, not {names.Count}");
        }

        for (var i = 0; i < names.Count; i++)
        {
            if (!isValid(names[i]))
            {
                return new FieldFault($"{field}[{i}]", $"must be {expected}, in lower case and at most {ClaimLimits.MaxNameBytes} bytes");
            }
        }

        return null;
    }

    private static FieldFault? FaultOfSubject(string subject) => CapabilityNames.IsIdentifier(subject)
        ? null
        : new FieldFault("subject", $"must be at most {ClaimLimits.MaxNameBytes} letters, digits and . _ - @ : / +");

    private static FieldFault? FaultOfTtl(long? ttlSeconds, IssueLimits limits)
    {
        var most = Math.Min(limits.MaxTtlSeconds, IssueLimits.AbsoluteMaxTtlSeconds);
        var seconds = ttlSeconds ?? limits.DefaultTtlSeconds;
        return seconds >= 1 && seconds <= most ? null : new FieldFault("ttl_seconds", $"must be from 1 to {most}");
    }
}
