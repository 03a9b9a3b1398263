using Strata.Hosting;
using Strata.Policy;

namespace Strata.Identity;

/// <summary>What the operator may set.</summary>
internal sealed record IdentityOptions
{
    /// <summary>The most <see cref="MaxTtlSeconds"/> can be: a year.</summary>
    internal const int AbsoluteMaxTtlSeconds = 31_536_000;

    /// <summary>Version of issued tokens. <c>STRATA_TOKEN_VERSION</c>, v2 or v4, default v2.</summary>
    internal TokenVersion DefaultVersion { get; init; } = TokenVersion.V2;

    /// <summary>Longest lifetime issued, in seconds. <c>STRATA_MAX_TTL_SECONDS</c>, 1 to 31 536 000, default 86 400.</summary>
    internal int MaxTtlSeconds { get; init; } = 86_400;

    /// <summary>How long a revoke waits for verifiers. <c>STRATA_REVOKE_WAIT_MS</c>, 1 to 60 000, default 1000.</summary>
    internal TimeSpan RevokeWait { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>After this long without a word a verifier denies by itself. <c>STRATA_STALENESS_MS</c>, as verifiers read it, default 15 000.</summary>
    internal TimeSpan Staleness { get; init; } = IdentityFeed.DefaultStaleness;

    /// <summary>Time between heartbeats: a third of <see cref="Staleness"/>, so that one lost or late does no harm.</summary>
    internal TimeSpan HeartbeatInterval => Staleness / 3;

    /// <exception cref="SettingsException">A variable has an unusable value.</exception>
    internal static IdentityOptions From(Func<string, string?> environment) => new()
    {
        DefaultVersion = environment("STRATA_TOKEN_VERSION") switch
        {
            null or "" or "v2" => TokenVersion.V2,
            "v4" => TokenVersion.V4,
            _ => throw new SettingsException("STRATA_TOKEN_VERSION must be v2 or v4"),
        },
        MaxTtlSeconds = NodeSettings.WholeNumber(environment, "STRATA_MAX_TTL_SECONDS", 86_400, 1, AbsoluteMaxTtlSeconds),
        RevokeWait = TimeSpan.FromMilliseconds(NodeSettings.WholeNumber(environment, "STRATA_REVOKE_WAIT_MS", 1000, 1, 60_000)),
        Staleness = TimeSpan.FromMilliseconds(
            NodeSettings.WholeNumber(environment, "STRATA_STALENESS_MS", (int)IdentityFeed.DefaultStaleness.TotalMilliseconds, 100, 3_600_000)),
    };
}
