using Strata.Hosting;
using Strata.Supervision;

namespace Strata.Supervisor;

/// <summary>How long capabilities of services live, and when the next ones are fetched. Pure.</summary>
/// <param name="Lifetime">Lifetime of each.</param>
internal sealed record RenewalPlan(TimeSpan Lifetime)
{
    internal const string LifetimeVariable = "STRATA_CAPABILITY_TTL_SECONDS";
    internal const int MinLifetimeSeconds = 10;

    private const string MostVariable = "STRATA_MAX_TTL_SECONDS";
    private const int DefaultLifetimeSeconds = 3600;
    private const int MaxLifetimeSeconds = 86_400;

    private static readonly TimeSpan FirstRetry = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan MaxRetry = TimeSpan.FromSeconds(30);

    /// <summary>From issue to renewal: half the lifetime, so that the other half is left for an identity that is down.</summary>
    internal TimeSpan UntilRenewal => Lifetime / 2;

    /// <summary>The lifetime that the environment asks for, at most what identity issues.</summary>
    /// <param name="variable">The supervisor's environment.</param>
    /// <param name="plan">The services; identity's manifest may say how long it issues for.</param>
    /// <exception cref="SettingsException">A variable has an unusable value.</exception>
    internal static RenewalPlan From(Func<string, string?> variable, NodePlan plan)
    {
        var lifetime = NodeSettings.WholeNumber(variable, LifetimeVariable, DefaultLifetimeSeconds, MinLifetimeSeconds, MaxLifetimeSeconds);
        var most = plan.Manifests.GetValueOrDefault(NodePlan.IdentityName)?.Environment.GetValueOrDefault(MostVariable) ?? variable(MostVariable);
        return new RenewalPlan(TimeSpan.FromSeconds(int.TryParse(most, out var seconds) && seconds > 0 ? Math.Min(lifetime, seconds) : lifetime));
    }

    /// <summary>The wait after an attempt that failed: doubling from a second, bounded.</summary>
    /// <param name="failures">Attempts that have failed in a row, at least 1.</param>
    internal static TimeSpan Retry(int failures)
    {
        var wait = FirstRetry * Math.Pow(2, Math.Min(failures - 1, 16));
        return wait < MaxRetry ? wait : MaxRetry;
    }
}
