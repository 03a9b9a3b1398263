using System.Globalization;
using Strata.Hosting;
using Strata.Supervision;

namespace Strata.Supervisor;

/// <summary>Reads the configuration of a node that runs: like at its start, all faults at once.</summary>
internal static class ConfigurationSource
{
    /// <summary>The longest path of a socket.</summary>
    internal const int MaxSocketPathBytes = 107;

    /// <summary>Reads what the environment names.</summary>
    internal static CheckedConfiguration Read(NodeSettings settings, Func<string, string?> variable)
    {
        var configuration = ConfigDirectory.Read(variable);
        return Check(configuration.Plan, [.. configuration.Faults], configuration.Locate, settings, new ProgramFinder(variable, AppContext.BaseDirectory));
    }

    private static CheckedConfiguration Check(
        NodePlan? plan, List<LocatedFault> faults, Func<ManifestFault, LocatedFault> locate, NodeSettings settings, ProgramFinder finder)
    {
        var programs = new Dictionary<string, string>(StringComparer.Ordinal);
        if (plan is not null)
        {
            programs = finder.FindAll(plan.Manifests.Values, out var missing);
            faults.AddRange(missing.Select(locate));
            faults.AddRange(NodeSockets.FaultsOf(plan, Accounts.OfThisMachine()).Select(locate));
            faults.AddRange(plan.Manifests.Values.Where(m => m.EffectiveSocketName is not null).Select(m => FaultOf(settings, m)).OfType<ManifestFault>().Select(locate));
        }

        return new CheckedConfiguration(faults.Count == 0 ? plan : null, programs, [.. faults], locate);
    }

    private static ManifestFault? FaultOf(NodeSettings settings, ServiceManifest manifest)
    {
        var bytes = System.Text.Encoding.UTF8.GetByteCount(NodeSockets.PathOf(settings, manifest));
        return bytes <= MaxSocketPathBytes ? null : new ManifestFault(
            manifest.Name, "socket.name", string.Create(CultureInfo.InvariantCulture, $"the path of its socket has {bytes} bytes and may have {MaxSocketPathBytes}; choose a shorter name"));
    }
}
