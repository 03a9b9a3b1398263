namespace Strata.Policy;

/// <summary>
/// Whether one capability grants nothing that another does not: the rule behind "never more than they hold". Whatever the child is
/// allowed at some instant, the parent is allowed too.
/// </summary>
public static class Narrowing
{
    /// <summary>Whether the child stays within the parent.</summary>
    public static bool IsWithin(CapabilityClaims child, CapabilityClaims parent) => FindExcess(child, parent) is null;

    /// <summary>Finds the first field by which the child exceeds the parent; null when it stays within.</summary>
    /// <remarks>
    /// A parent without a prefix opens no path, so a child of it may not have one; a parent without a rate limit is not limited, so
    /// any rate is less. When validity begins is not compared: a child is issued by this node's clock, now. A constraint that is not known on either side cannot be compared and counts as an excess.
    /// </remarks>
    public static FieldFault? FindExcess(CapabilityClaims child, CapabilityClaims parent)
    {
        if (child.Issuer != parent.Issuer || child.Audience != parent.Audience)
        {
            return new FieldFault("issuer", "must be the one of your own capability");
        }

        if (child.Service != parent.Service)
        {
            return new FieldFault("service", "must be the one of your own capability");
        }

        if (child.ExpiresAt > parent.ExpiresAt)
        {
            return new FieldFault("ttl_seconds", "must end no later than your own capability");
        }

        return FindExcessRight(child, parent) ?? FindExcessConstraint(child.Constraints, parent.Constraints);
    }

    private static FieldFault? FindExcessRight(CapabilityClaims child, CapabilityClaims parent)
    {
        for (var i = 0; i < child.Rights.Count; i++)
        {
            if (!parent.Grants(child.Rights[i]))
            {
                return new FieldFault($"rights[{i}]", "must be a right your own capability holds");
            }
        }

        for (var i = 0; i < child.Actions.Count; i++)
        {
            if (!parent.Grants($"{child.Service}.{child.Actions[i]}"))
            {
                return new FieldFault($"actions[{i}]", "must be an action your own capability holds");
            }
        }

        return null;
    }

    private static FieldFault? FindExcessConstraint(CapabilityConstraints child, CapabilityConstraints parent)
    {
        if (child.Unknown.Count > 0 || parent.Unknown.Count > 0)
        {
            return new FieldFault("constraints", "must be ones this version knows, here and in your own capability");
        }

        if (child.PathPrefix is not null && parent.PathPrefix?.Contains(child.PathPrefix) != true)
        {
            return new FieldFault("path_prefix", "must lie beneath the prefix of your own capability");
        }

        if (parent.RateLimit is { } most && (child.RateLimit is not { } rate || rate.PerSecond > most.PerSecond))
        {
            return new FieldFault("rate_limit", $"must be given and be at most {most}, the rate of your own capability");
        }

        return FindExcessBytes("max_bytes", child.MaxBytes, parent.MaxBytes)
            ?? FindExcessBytes("quota_bytes", child.QuotaBytes, parent.QuotaBytes)
            ?? FindExcessUse(child, parent)
            ?? FindExcessHolder(child, parent)
            ?? SandboxValidation.FindExcess(child.Sandbox, parent.Sandbox);
    }

    private static FieldFault? FindExcessBytes(string field, long? child, long? parent) => parent is { } most && !(child <= most)
        ? new FieldFault(field, $"must be given and be at most {most}, that of your own capability")
        : null;

    private static FieldFault? FindExcessUse(CapabilityConstraints child, CapabilityConstraints parent)
    {
        if (parent.MethodsDenied.Any(method => !child.MethodsDenied.Contains(method)))
        {
            return new FieldFault("methods_denied", "must hold every method your own capability denies");
        }

        if (parent.ReadOnly && !child.ReadOnly)
        {
            return new FieldFault("read_only", "must be true, as in your own capability");
        }

        if (parent.Once && !child.Once)
        {
            return new FieldFault("once", "must be true, as in your own capability");
        }

        return parent.NotBefore is { } earliest && !(child.NotBefore >= earliest)
            ? new FieldFault("not_before", "must be given and be no earlier than that of your own capability")
            : null;
    }

    private static FieldFault? FindExcessHolder(CapabilityConstraints child, CapabilityConstraints parent)
    {
        if (parent.Uid is { } uid && child.Uid != uid)
        {
            return new FieldFault("uid", "must be the one your own capability is bound to");
        }

        return parent.HolderKey is { } key && child.HolderKey != key
            ? new FieldFault("holder_key", "must be the one your own capability is bound to")
            : null;
    }
}
