using System.Collections.Immutable;

namespace Strata.Supervision;

/// <summary>The services every node has, declared like anybody's.</summary>
public static class BuiltInManifests
{
    // Long enough that a machine under load does not kill a healthy service, short enough that a person waits for it.
    private static readonly WatchdogPolicy Watchdog = new() { Interval = TimeSpan.FromSeconds(10) };

    /// <summary>Who serves what, where.</summary>
    public static ServiceManifest Registry { get; } = new()
    {
        Name = NodePlan.RegistryName, Program = "registry", Watchdog = Watchdog, Confinement = null,
    };

    /// <summary>Issues and revokes capabilities.</summary>
    public static ServiceManifest Identity { get; } = new() { Name = "identity", Program = "identity", Watchdog = Watchdog, Confinement = null };

    /// <summary>Files beneath a prefix; verifies with identity's key and therefore requires it.</summary>
    public static ServiceManifest Fs { get; } = new()
    {
        Name = "fs", Program = "fs", Requires = ["identity"], Watchdog = Watchdog, Confinement = null,
    };

    /// <summary>All of them.</summary>
    public static ImmutableArray<ServiceManifest> All { get; } = [Registry, Identity, Fs];
}
