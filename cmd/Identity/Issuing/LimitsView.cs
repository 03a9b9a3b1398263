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
            constraints.HolderKey?.Value);

    internal static string Rfc3339(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
