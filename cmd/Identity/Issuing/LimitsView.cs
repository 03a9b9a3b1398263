using System.Globalization;
using Strata.Contracts;
using Strata.Policy;

namespace Strata.Identity;

/// <summary>Shows constraints as the contracts have them.</summary>
internal static class LimitsView
{
    /// <summary>The view; null when nothing limits.</summary>
    internal static CapabilityLimits? Of(CapabilityConstraints constraints) => constraints == CapabilityConstraints.None
        ? null
        : new CapabilityLimits(
            constraints.PathPrefix?.Value,
            constraints.RateLimit?.ToString(),
            constraints.MethodsDenied.Count == 0 ? null : constraints.MethodsDenied,
            constraints.MaxBytes,
            constraints.QuotaBytes,
            constraints.ReadOnly ? true : null,
            constraints.NotBefore is { } notBefore ? Rfc3339(notBefore) : null,
            constraints.Uid,
            constraints.Once ? true : null,
            constraints.HolderKey?.Value,
            Of(constraints.Sandbox));

    private static SandboxLimitations? Of(SandboxBounds bounds) => bounds == SandboxBounds.None
        ? null
        : new SandboxLimitations(
            Names(bounds.Images), bounds.MaxMemoryBytes, bounds.MaxCpuMillis, bounds.MaxPids, bounds.MaxDiskBytes, bounds.MaxSessions,
            Names(bounds.Networks), Names(bounds.Domains), Names(bounds.Commands));

    private static NameList? Names(NameList names) => names.Count == 0 ? null : names;

    internal static string Rfc3339(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
