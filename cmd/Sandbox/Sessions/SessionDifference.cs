using Strata.Contracts;

namespace Strata.Sandbox;

/// <summary>In what a session that is there differs from what was asked for; what was left out differs in nothing. Pure.</summary>
internal static class SessionDifference
{
    /// <summary>The fields.</summary>
    /// <param name="wish">What was asked for.</param>
    /// <param name="wanted">The same, with defaults.</param>
    /// <param name="there">What the session is.</param>
    /// <param name="notEnforced">Limits of it that nothing holds.</param>
    internal static IReadOnlyList<string> Of(SandboxCreateParams wish, SessionTerms wanted, SessionTerms there, IReadOnlyList<string> notEnforced)
    {
        var limits = wish.Limits ?? new SandboxLimitsWish();
        (string Field, bool Differs)[] fields =
        [
            ("image", wish.Image is not null && wanted.Image != there.Image),
            ("limits.memory_bytes", limits.MemoryBytes is not null && wanted.MemoryBytes != there.MemoryBytes),
            ("limits.cpus", limits.Cpus is not null && (wanted.Cpus != there.Cpus || notEnforced.Contains(SessionTerms.CpuLimit))),
            ("limits.pids", limits.Pids is not null && wanted.Pids != there.Pids),
            ("limits.disk_bytes", limits.DiskBytes is not null && wanted.DiskBytes != there.DiskBytes),
            ("limits.open_files", limits.OpenFiles is not null && wanted.OpenFiles != there.OpenFiles),
            ("limits.output_bytes", limits.OutputBytes is not null && wanted.OutputBytes != there.OutputBytes),
            ("require_limits", wish.RequireLimits && !there.RequireLimits),
            ("network", wish.Network is not null && wanted.Network != there.Network),
            ("environment", wish.Environment is not null && !Same(wanted.Environment, there.Environment)),
            ("secrets", wish.Secrets is not null && !wanted.Secrets.SequenceEqual(there.Secrets)),
            ("placeholders", wish.Placeholders is not null && !wanted.Placeholders.SequenceEqual(there.Placeholders)),
            ("allow", wish.Allow is not null && !NetworkRules.Same(wanted.Allow, there.Allow)),
            ("user", wish.User is not null && (wanted.IsRoot != there.IsRoot || there.Account is not null)),
            ("hostname", wish.Hostname is not null && wanted.Hostname != there.Hostname),
            ("ttl_seconds", wish.TtlSeconds is not null && wanted.TtlSeconds != there.TtlSeconds),
            ("workspace", wish.Workspace is not null && wanted.Workspace != there.Workspace),
            ("shared_workspace", wish.SharedWorkspace && !there.SharedWorkspace),
            ("labels", wish.Labels is not null && !Same(wanted.Labels, there.Labels)),
            ("user_namespaces", wish.UserNamespaces && !there.UserNamespaces),
        ];
        return [.. fields.Where(f => f.Differs).Select(f => f.Field)];
    }

    private static bool Same(IReadOnlyDictionary<string, string> one, IReadOnlyDictionary<string, string> other) =>
        one.Count == other.Count && one.All(pair => other.TryGetValue(pair.Key, out var value) && value == pair.Value);
}
