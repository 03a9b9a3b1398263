using System.Diagnostics.CodeAnalysis;

namespace Strata.Policy;

/// <summary>From what was asked for to constraints. What was not given leaves the constraint as it is.</summary>
internal static class ConstraintsValidation
{
    internal static bool TryApply(IssueRequest request, ref CapabilityConstraints constraints, [NotNullWhen(false)] out FieldFault? fault)
    {
        fault = IssueValidation.FaultOfNames(
                "methods_denied", request.MethodsDenied, ClaimLimits.MaxMethodsDenied, CapabilityNames.IsRight, "a method, such as \"fs.list\"")
            ?? FaultOfNumber("max_bytes", request.MaxBytes, 1, ClaimLimits.MaxByteCount)
            ?? FaultOfNumber("quota_bytes", request.QuotaBytes, 1, ClaimLimits.MaxByteCount)
            ?? FaultOfNumber("uid", request.Uid, 0, ClaimLimits.MaxUid);
        if (fault is not null)
        {
            return false;
        }

        constraints = constraints with
        {
            MethodsDenied = request.MethodsDenied is { } methods ? NameList.Of(methods) : constraints.MethodsDenied,
            MaxBytes = request.MaxBytes ?? constraints.MaxBytes,
            QuotaBytes = request.QuotaBytes ?? constraints.QuotaBytes,
            ReadOnly = request.ReadOnly ?? constraints.ReadOnly,
            Uid = request.Uid is { } uid ? (uint)uid : constraints.Uid,
            Once = request.Once ?? constraints.Once,
        };
        fault = ApplyPathPrefix(request.PathPrefix, ref constraints)
            ?? ApplyRateLimit(request.RateLimit, ref constraints)
            ?? ApplyNotBefore(request.NotBefore, ref constraints)
            ?? ApplyHolderKey(request.HolderKey, ref constraints)
            ?? SandboxValidation.TryApply(request.Sandbox, ref constraints);
        return fault is null;
    }

    private static FieldFault? FaultOfNumber(string field, long? value, long min, long max) =>
        value < min || value > max ? new FieldFault(field, $"must be from {min} to {max}") : null;

    private static FieldFault? ApplyPathPrefix(string? text, ref CapabilityConstraints constraints)
    {
        if (text is null)
        {
            return null;
        }

        var isRead = PathPrefix.TryParse(text, out var prefix, out var fault);
        constraints = constraints with { PathPrefix = prefix };
        return isRead ? null : new FieldFault("path_prefix", fault!);
    }

    private static FieldFault? ApplyRateLimit(string? text, ref CapabilityConstraints constraints)
    {
        if (text is null)
        {
            return null;
        }

        var isRead = RateLimit.TryParse(text, out var rate, out var fault);
        constraints = constraints with { RateLimit = rate };
        return isRead ? null : new FieldFault("rate_limit", fault!);
    }

    private static FieldFault? ApplyNotBefore(string? text, ref CapabilityConstraints constraints)
    {
        if (text is null)
        {
            return null;
        }

        var isRead = Rfc3339.TryParse(text, out var notBefore);
        constraints = constraints with { NotBefore = notBefore };
        return isRead ? null : new FieldFault("not_before", "must be an RFC 3339 time such as 2026-01-31T12:00:00Z");
    }

    private static FieldFault? ApplyHolderKey(string? text, ref CapabilityConstraints constraints)
    {
        if (text is null)
        {
            return null;
        }

        var isRead = HolderKey.TryParse(text, out var key, out var fault);
        constraints = constraints with { HolderKey = key };
        return isRead ? null : new FieldFault("holder_key", fault!);
    }
}
