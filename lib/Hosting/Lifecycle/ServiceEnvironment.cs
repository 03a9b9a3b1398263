using Microsoft.Extensions.Logging;
using Strata.Ipc;

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

    /// <summary>Descriptors that outlive the process.</summary>
    public DescriptorKeep Descriptors => _descriptors.Value;

    private readonly Lazy<DescriptorKeep> _descriptors = new(() => new DescriptorKeep(InheritedDescriptors.From(Name, Variable)));

    /// <summary>What the service counts; <c>SERVICE.metrics</c> tells it.</summary>
    public ServiceMetrics Metrics { get; } = MetricsOf(Name, Time, Audit);

    /// <summary>What the service may ask of others: <c>Capabilities.For("fs")</c> is a client that sends its capability along.</summary>
    public HeldCapabilities Capabilities { get; } = new(Settings, Variable, Time);

    /// <summary>A feed of keys and revocations for a service that verifies capabilities.</summary>
    public IdentityFeed CreateFeed()
    {
        var staleness = NodeSettings.WholeNumber(Variable, "STRATA_STALENESS_MS", (int)IdentityFeed.DefaultStaleness.TotalMilliseconds, 100, 3_600_000);
        return new IdentityFeed(Name, Settings, Time, Log, TimeSpan.FromMilliseconds(staleness));
    }

    /// <summary>The authorization point over a feed.</summary>
    /// <param name="feed">Brings keys and revocations.</param>
    /// <param name="enforced">The constraints that the service's own handlers enforce; see <see cref="CapabilityAuthorizer.Enforced"/>.</param>
    public CapabilityAuthorizer CreateAuthorizer(IdentityFeed feed, Policy.ServiceConstraints enforced = Policy.ServiceConstraints.None)
    {
        Metrics.Add("token_cache_hits", counter: true, () => feed.Verifier.CacheHits);
        Metrics.Add("token_cache_misses", counter: true, () => feed.Verifier.CacheMisses);
        Metrics.Add("token_cache_tokens", counter: false, () => feed.Verifier.CachedTokens);
        var authorizer = new CapabilityAuthorizer(Name, Settings, feed.Verifier, Authority, () => feed.IsFresh, Time, Audit)
        {
            Enforced = enforced,
            Uses = new IdentityUses(Name, new RpcChannel(Settings.SocketOf("identity"), Time, PeerAuthority.MayServe)),
        };
        feed.Revoked += () => authorizer.EndRevokedCalls();
        return authorizer;
    }

    private static ServiceMetrics MetricsOf(string service, TimeProvider time, AuditLog audit)
    {
        var metrics = new ServiceMetrics(service, time);
        metrics.Add("process_cpu_us", counter: true, () => (long)Environment.CpuUsage.TotalTime.TotalMicroseconds);
        metrics.Add("process_resident_bytes", counter: false, () => Environment.WorkingSet);
        metrics.Add("audit_lost", counter: true, () => audit.Lost);
        return metrics;
    }
}
