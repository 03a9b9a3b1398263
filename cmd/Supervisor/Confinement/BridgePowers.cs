using Strata.Supervision;

namespace Strata.Supervisor;

/// <summary>What the sandbox service may do to the machine's network: something where it was told to bridge, nothing otherwise. Pure.</summary>
internal static class BridgePowers
{
    internal const string Variable = "STRATA_SANDBOX_NETWORKS";
    internal const string Capability = "CAP_NET_ADMIN";

    /// <summary>The confinement of a service's manifest, with what the networks take that its sessions may have.</summary>
    internal static ConfinementPolicy? In(ServiceManifest manifest, ChildEnvironment environment, ConfinementPolicy? policy) =>
        manifest.Name == BuiltInManifests.Sandbox.Name ? With(policy, environment.ValueOf(manifest, Variable)) : policy;

    /// <summary>A confinement with what these networks take.</summary>
    /// <param name="policy">The manifest's.</param>
    /// <param name="networks">Kinds of network, separated by commas; null for none.</param>
    internal static ConfinementPolicy? With(ConfinementPolicy? policy, string? networks) =>
        policy is not null && (networks ?? "").Split(',', StringSplitOptions.TrimEntries).Contains("bridge", StringComparer.Ordinal)
            ? policy with { KeepCapabilities = [.. policy.KeepCapabilities, Capability] } : policy;
}
