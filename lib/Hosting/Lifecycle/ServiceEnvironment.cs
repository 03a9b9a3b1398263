using Microsoft.Extensions.Logging;

namespace Strata.Hosting;

/// <summary>What a service is given to build itself from.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Settings">The node.</param>
/// <param name="Log">Its log.</param>
/// <param name="Audit">Its audit log.</param>
/// <param name="Time">The clock.</param>
/// <param name="Variable">Looks an environment variable up; null when unset.</param>
public sealed record ServiceEnvironment(
    string Name, NodeSettings Settings, ILogger Log, AuditLog Audit, TimeProvider Time, Func<string, string?> Variable)
{
    /// <summary>Who needs no capability on this node.</summary>
    public PeerAuthority Authority { get; } = new(Strata.Linux.UserId.Effective, Settings.AuthorityUids);

    /// <summary>A feed of keys and revocations for a service that verifies capabilities.</summary>
    public IdentityFeed CreateFeed()
    {
        var staleness = NodeSettings.WholeNumber(Variable, "STRATA_STALENESS_MS", (int)IdentityFeed.DefaultStaleness.TotalMilliseconds, 100, 3_600_000);
        return new IdentityFeed(Name, Settings, Time, Log, TimeSpan.FromMilliseconds(staleness));
    }

    /// <summary>The authorization point over a feed.</summary>
    public CapabilityAuthorizer CreateAuthorizer(IdentityFeed feed) =>
        new(Name, Settings, feed.Verifier, Authority, () => feed.IsFresh, Time, Audit);
}
