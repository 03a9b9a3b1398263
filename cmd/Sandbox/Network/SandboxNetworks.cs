using System.Net;
using System.Security.Cryptography.X509Certificates;

namespace Strata.Sandbox;

/// <summary>What the networks of all sessions share.</summary>
internal sealed class SandboxNetworks
{
    private int _open;

    /// <param name="reachable">What the node allows of reserved addresses.</param>
    /// <param name="limits">The bounds.</param>
    /// <param name="time">The clock.</param>
    /// <param name="names">Finds addresses; null as the host does.</param>
    internal SandboxNetworks(IReadOnlyList<IPNetwork> reachable, NetworkLimits limits, TimeProvider time, INameResolver? names = null)
    {
        (Reachable, Limits, Time) = (reachable, limits, time);
        Dialer = new NetworkDialer(names ?? new HostNameResolver(), HostAddresses.Contain, reachable, limits, time);
    }

    /// <summary>What the node allows of reserved addresses.</summary>
    internal IReadOnlyList<IPNetwork> Reachable { get; }

    /// <summary>The bounds.</summary>
    internal NetworkLimits Limits { get; }

    /// <summary>The clock.</summary>
    internal TimeProvider Time { get; }

    /// <summary>Connects.</summary>
    internal NetworkDialer Dialer { get; }

    /// <summary>Whose certificates are trusted; null for those that the host trusts.</summary>
    internal Func<X509ChainPolicy>? Trust { get; init; }

    /// <summary>Takes room for a connection, to be given back whether or not there was some.</summary>
    /// <returns>By how many there are more than may be.</returns>
    internal int Enter() => Interlocked.Increment(ref _open) - Limits.MaxConnectionsInAll;

    /// <summary>Gives it back.</summary>
    internal void Leave() => Interlocked.Decrement(ref _open);
}
